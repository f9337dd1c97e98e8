# AOSP's bootloader_control, 32 bytes at byte 2048 of the partition `misc`, as U-Boot's `ab_select` goes by it: this U-Boot has
# no such command. The slot of the highest priority starts that has tries and is not corrupted, and pays with one unless it is
# called successful; `_a` is A, `_b` is B, `_c` is base. Which OS slot of the release boots is in the details (partition `state`).
# With `ab_select` this is: ab_select su_name virtio 0#misc, where the name is a, b or c.
virtio scan
setenv su_record damaged
setenv su_run base; setenv su_on_trial 0; setenv su_boot_os a; setenv su_counted 0

part start virtio 0 state su_lba
setexpr su_lba1 0x${su_lba} + 400
for su_at in ${su_lba1} ${su_lba}; do
  setenv su_os
  if virtio read 47000000 ${su_at} 1 && env import -c 47000000 200 su_os; then
    if test "${su_os}" = "b"; then setenv su_boot_os b; else setenv su_boot_os a; fi
  fi
done

setenv su_look 'setexpr.b su_priority *${su_at} \\& f; setexpr.b su_tries *${su_at} \\& 70; setexpr.b su_corrupted *${su_behind} \\& 1
if itest 0x${su_tries} -gt 0 && itest 0x${su_corrupted} == 0 && itest 0x${su_priority} -gt 0x${su_best}; then
  setenv su_best ${su_priority}; setenv su_chosen ${su_slot}; setenv su_chosen_at ${su_at}; setenv su_chosen_letter ${su_letter}
fi'
part start virtio 0 misc su_lba
setexpr su_lba 0x${su_lba} + 4
if virtio read 47000000 ${su_lba} 1; then
  crc32 47000000 1c 47010000
  if itest.b *4700001c == *47010003 && itest.b *4700001d == *47010002 && itest.b *4700001e == *47010001 && itest.b *4700001f == *47010000; then
    setexpr.b su_slots *47000009 \& 7
    if itest.l *47000004 == 42414342 && itest.b *47000008 == 1 && itest 0x${su_slots} == 3; then setenv su_record ok; fi
  fi
fi
if test ${su_record} = ok; then
  setenv su_best 0; setenv su_chosen base; setenv su_chosen_at 47000010; setenv su_chosen_letter 63
  setenv su_slot a; setenv su_letter 61; setenv su_at 4700000c; setenv su_behind 4700000d; run su_look
  setenv su_slot b; setenv su_letter 62; setenv su_at 4700000e; setenv su_behind 4700000f; run su_look
  setenv su_slot base; setenv su_letter 63; setenv su_at 47000010; setenv su_behind 47000011; run su_look
  setexpr.b su_successful *${su_chosen_at} \& 80
  setenv su_written yes
  if itest 0x${su_successful} == 0 && test ${su_chosen} != base; then
    # Nothing starts whose start was not counted.
    setenv su_written no
    setexpr.b su_byte *${su_chosen_at} - 10
    mw.b ${su_chosen_at} ${su_byte}
    mw.b 47000000 5f; mw.b 47000001 ${su_chosen_letter}; mw.b 47000002 0 2
    crc32 47000000 1c 47010000
    cp.b 47010003 4700001c 1; cp.b 47010002 4700001d 1; cp.b 47010001 4700001e 1; cp.b 47010000 4700001f 1
    mw.b 47001000 0 200
    if virtio write 47000000 ${su_lba} 1 && virtio read 47001000 ${su_lba} 1 && cmp.b 47000000 47001000 200; then setenv su_written yes; fi
  fi
  if test ${su_written} = yes; then
    setenv su_run ${su_chosen}; setenv su_counted 1
    if itest 0x${su_best} == f; then setenv su_on_trial 1; fi
  fi
fi
