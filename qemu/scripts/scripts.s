// The device's user of the `webengine` component: evaluates a line of JavaScript once a second, and tells systemd that it is
// up when the first answer was right. A wrong answer, or none, ends it with exit code 1.
        .text
        .global _start
_start: mov     x29, #0
        mov     x30, #0
        mov     x0, #0
        bl      JSGlobalContextCreate
        mov     x19, x0
        adr     x0, script
        bl      JSStringCreateWithUTF8CString
        mov     x20, x0
again:  mov     x0, x19
        mov     x1, x20
        mov     x2, #0                  // this
        mov     x3, #0                  // URL
        mov     x4, #1                  // first line
        mov     x5, #0                  // exception
        bl      JSEvaluateScript
        cbz     x0, wrong
        mov     x1, x0
        mov     x0, x19
        mov     x2, #0
        bl      JSValueToNumber
        fcvtzs  x0, d0
        cmp     x0, #42
        b.ne    wrong
        mov     x0, #0
        adr     x1, ready
        bl      sd_notify
        adr     x0, second
        mov     x1, #0
        mov     x8, #101                // nanosleep
        svc     #0
        b       again
wrong:  mov     x0, #1
        mov     x8, #94                 // exit_group
        svc     #0
        .balign 8
second: .xword  1, 0
script: .asciz  "[1, 2, 3, 4].map(n => n ** 2).reduce((sum, n) => sum + n) + 12"
ready:  .asciz  "READY=1"
        .section .note.GNU-stack, "", %progbits
