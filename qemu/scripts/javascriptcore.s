// What the linker must know of libjavascriptcoregtk-4.1.so.0 for scripts.s: its C interface, as far as it is used.
        .text
        .global JSGlobalContextCreate, JSStringCreateWithUTF8CString, JSEvaluateScript, JSValueToNumber
JSGlobalContextCreate:
JSStringCreateWithUTF8CString:
JSEvaluateScript:
JSValueToNumber:
        .section .note.GNU-stack, "", %progbits
