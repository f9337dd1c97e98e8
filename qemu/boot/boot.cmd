# The A/B decision, run by U-Boot at every start. It reads the activation record, takes one try off a trial before the
# trial starts, and boots the chosen OS slot's FIT. It never mounts or judges a component: the agent does.
#
# It is the boot command in U-Boot's own device tree (qemu/build-boot), as trusted as U-Boot itself. All that it reads is
# not: record, partition table, file system and files are whoever's who can write the disk. So nothing runs but a FIT whose
# configuration `os` is signed; bootm by itself would also take a kernel in the format before FIT, which nobody signs. And
# nothing of the record becomes a part of a variable's name or of the kernel's command line: U-Boot's shell splits a value
# into words and takes quotes in it for its own. A record's word only chooses between words of this script.
#
# The record is two 512-byte copies in the raw partition `state` (first GPT partition), in U-Boot's environment format
# with CRC-32: copy 0 at its first sector, copy 1 at 512 KiB (sector 400 hex). The valid copy with the higher su_seq
# counts; what is written goes over the other one, so that a cut during the write leaves the old copy whole.
virtio scan
setenv su_vars su_v su_seq su_active su_trial su_tries su_a su_b su_a_id su_b_id su_os
setenv su_valid0 0; setenv su_valid1 0
part start virtio 0 1 su_lba0
setexpr su_lba1 0x${su_lba0} + 400

# A sector that cannot be read is not valid, whatever an earlier boot left in memory.
if virtio read 47000000 ${su_lba0} 1; then
  setenv su_v
  if env import -c 47000000 200 ${su_vars}; then
    if test "${su_v}" = "1"; then setenv su_valid0 1; setenv su_seq0 ${su_seq}; fi
  fi
fi
if virtio read 47001000 ${su_lba1} 1; then
  setenv su_v
  if env import -c 47001000 200 ${su_vars}; then
    if test "${su_v}" = "1"; then setenv su_valid1 1; setenv su_seq1 ${su_seq}; fi
  fi
fi

setenv su_record damaged
setenv su_run base; setenv su_on_trial 0; setenv su_boot_os a
setenv su_write_lba ${su_lba1}
if test ${su_valid0} = 1; then
  setenv su_record ok
  env import -c 47000000 200 ${su_vars}
fi
if test ${su_valid1} = 1; then
  setenv su_newer 1
  if test ${su_valid0} = 1; then
    if itest.q 0x${su_seq0} -ge 0x${su_seq1}; then setenv su_newer 0; fi
  fi
  if test ${su_newer} = 1; then
    setenv su_record ok
    env import -c 47001000 200 ${su_vars}
    setenv su_write_lba ${su_lba0}
  fi
fi

if test ${su_record} = ok; then
  echo "suture: record seq=${su_seq} active=${su_active} trial=${su_trial} tries=${su_tries} a=${su_a} b=${su_b} os=${su_os} valid=${su_valid0}${su_valid1}"
  setenv su_run ${su_active}; setenv su_boot_os ${su_os}
  if test "${su_trial}" != "none"; then
    setenv su_after ${su_active}; setenv su_after_trial 0
    if itest 0x${su_tries} -gt 0; then
      setexpr su_tries 0x${su_tries} - 1
      setenv su_after ${su_trial}; setenv su_after_trial 1
    else
      if test "${su_trial}" = "a"; then setenv su_a failed; fi
      if test "${su_trial}" = "b"; then setenv su_b failed; fi
      setenv su_trial none
    fi
    setexpr su_seq 0x${su_seq} + 1
    # The trial starts only if its lost try is durable: written, and read back equal.
    if env export -c -s 200 47002000 ${su_vars}; then
      if virtio write 47002000 ${su_write_lba} 1; then
        mw.b 47003000 0 200
        if virtio read 47003000 ${su_write_lba} 1; then
          if cmp.b 47002000 47003000 200; then
            setenv su_run ${su_after}; setenv su_on_trial ${su_after_trial}
          fi
        fi
      fi
    fi
  fi
fi
# Words that this script does not know run what the OS was flashed with.
setenv su_word base
if test "${su_run}" = "a"; then setenv su_word a; fi
if test "${su_run}" = "b"; then setenv su_word b; fi
setenv su_run ${su_word}
setenv su_word a; setenv su_other b
if test "${su_boot_os}" = "b"; then setenv su_word b; setenv su_other a; fi
setenv su_boot_os ${su_word}
echo "suture: run=${su_run} trial=${su_on_trial} os=${su_boot_os} record=${su_record}"

# Seeds for the kernel's random numbers and for its own place: the machine puts 40 new bytes into U-Boot's device tree at
# every start. The kernel's device tree, being signed, has none.
setenv su_seeds no
if fdt addr ${fdtcontroladdr} && fdt get addr su_rng /chosen rng-seed && itest.l *${su_rng} != 0; then
  setenv su_seeds yes
  setexpr su_kaslr ${su_rng} + 20
fi

# The chosen OS slot, or else the other one. What cannot be read, is not whole or not signed gets no further than
# `bootm start`, which verifies everything and changes nothing. At most 48 MiB are read, up to the buffers above.
setenv su_refused
for su_slot in ${su_boot_os} ${su_other}; do
  setenv bootargs "console=ttyAMA0 rdinit=/init quiet panic=1 suture.run=${su_run} suture.trial=${su_on_trial} suture.os=${su_slot} suture.record=${su_record}${su_refused}"
  setenv su_why "expected /${su_slot}/os.fit, it cannot be read"
  if load virtio 0:2 44000000 /${su_slot}/os.fit 3000000; then
    setenv su_why "expected a FIT of ${filesize} hex bytes, got something else"
    setenv su_size 0
    if itest.l *44000000 == edfe0dd0 && fdt addr 44000000 && fdt header get su_size totalsize && itest 0x${su_size} == 0x${filesize}; then
      setenv su_why "not signed by the key of this board, or damaged"
      if bootm start 44000000#os; then
        if test ${su_seeds} = yes; then
          if fdt set /chosen rng-seed <0 0 0 0 0 0 0 0> && fdt get addr su_at /chosen rng-seed; then cp.l ${su_rng} ${su_at} 8; fi
          if fdt set /chosen kaslr-seed <0 0> && fdt get addr su_at /chosen kaslr-seed; then cp.l ${su_kaslr} ${su_at} 2; fi
        fi
        setenv su_why "verified, but it did not start"
        bootm loados && bootm ramdisk && bootm fdt && bootm prep && bootm go
      fi
    fi
  fi
  echo "suture: OS slot ${su_slot} refused: ${su_why}"
  setenv su_refused " suture.os_refused=${su_slot}"
done
echo "suture: no OS slot is left to boot, the board is reset"
reset
