# The A/B decision, run by U-Boot at every start. It reads the activation record, takes one try off a trial before the
# trial starts, and boots the OS that the patch in the slot to run brings, or else the OS slot of the release. It never mounts
# or judges a component: the agent does.
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
#
# U-Boot takes 16 words in a command, and `env export -cs 200 ADDRESS` with these eleven names has just as many.
virtio scan
setenv su_vars su_v su_seq su_active su_starts su_trial su_tries su_a su_b su_a_id su_b_id su_os
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

# For `run`: writes the record over the copy that does not count. Only what was read back equal is written.
setenv su_save 'setexpr su_seq 0x${su_seq} + 1; if env export -cs 200 47002000 ${su_vars} && virtio write 47002000 ${su_write_lba} 1; then
  mw.b 47003000 0 200
  if virtio read 47003000 ${su_write_lba} 1 && cmp.b 47002000 47003000 200; then
    setenv su_written yes
    if test ${su_write_lba} = ${su_lba0}; then setenv su_write_lba ${su_lba1}; else setenv su_write_lba ${su_lba0}; fi
  fi
fi'

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
  # A record from before starts were counted has none.
  if test -z "${su_starts}"; then setenv su_starts 0; fi
  echo "suture: record seq=${su_seq} active=${su_active} starts=${su_starts} trial=${su_trial} tries=${su_tries} a=${su_a} b=${su_b} os=${su_os} valid=${su_valid0}${su_valid1}"
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
    # The trial starts only if its lost try is durable.
    setenv su_written no; run su_save
    if test ${su_written} = yes; then setenv su_run ${su_after}; setenv su_on_trial ${su_after_trial}; fi
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

# Whether the slot to run has an OS of its own: a FIT in its raw partition, where there are zeros otherwise.
setenv su_own; setenv su_part
if test ${su_run} = a; then setenv su_part 6; fi
if test ${su_run} = b; then setenv su_part 7; fi
if test -n "${su_part}" && part start virtio 0 ${su_part} su_fit_lba; then
  setenv su_own own
  mw.l 44000000 0 80
  if virtio read 44000000 ${su_fit_lba} 1 && itest.l *44000000 != edfe0dd0; then setenv su_own; fi
fi

# The slot's own OS; or else the OS slot of the release; or else the other one. What cannot be read, is not whole or not
# signed gets no further than `bootm start`, which verifies everything and changes nothing. At most 48 MiB are read, up to
# the buffers above.
setenv su_patched; setenv su_refused
for su_slot in ${su_own} ${su_boot_os} ${su_other}; do
  setenv su_ready no
  setenv su_size 0
  if test ${su_slot} = own; then
    setenv su_name "OS of slot ${su_run}"
    setenv su_os_word ${su_boot_os}
    setenv su_patched " suture.patched_os=${su_run}"
    setenv su_why "expected a FIT of at most 3000000 hex bytes in partition ${su_part}, got something else"
    if itest.l *44000000 == edfe0dd0 && fdt addr 44000000 && fdt header get su_size totalsize && itest 0x${su_size} -le 3000000; then
      setexpr su_sectors 0x${su_size} + 1ff; setexpr su_sectors 0x${su_sectors} / 200
      setenv su_why "its partition cannot be read"
      if virtio read 44000000 ${su_fit_lba} ${su_sectors}; then
        # On trial it has paid with a try. What is active pays with a start, of which the agent gives it new ones once it
        # is up: an OS that never gets there is not started for ever. Before bootm: it counts also if that crashes.
        setenv su_ready ${su_on_trial}
        if test ${su_on_trial} = 0; then
          setenv su_why "started too often, and never seen alive"
          if itest 0x${su_starts} -ge 0 && itest 0x${su_starts} -lt 5; then
            setenv su_why "its start cannot be counted"
            setenv su_written no
            if setexpr su_starts 0x${su_starts} + 1; then run su_save; fi
            if test ${su_written} = yes; then setenv su_ready 1; fi
          fi
        fi
      fi
    fi
  else
    setenv su_name "OS slot ${su_slot}"
    setenv su_os_word ${su_slot}
    setenv su_why "expected /${su_slot}/os.fit, it cannot be read"
    if load virtio 0:2 44000000 /${su_slot}/os.fit 3000000; then
      setenv su_why "expected a FIT of ${filesize} hex bytes, got something else"
      if itest.l *44000000 == edfe0dd0 && fdt addr 44000000 && fdt header get su_size totalsize; then
        # Files have whole blocks of 4096 bytes.
        setexpr su_blocks 0x${su_size} + fff; setexpr su_blocks 0x${su_blocks} / 1000; setexpr su_blocks 0x${su_blocks} * 1000
        if itest 0x${su_blocks} == 0x${filesize}; then setenv su_ready 1; fi
      fi
    fi
  fi
  if test ${su_ready} = 1; then
    setenv bootargs "console=ttyAMA0 rdinit=/init quiet panic=1 suture.run=${su_run} suture.trial=${su_on_trial} suture.os=${su_os_word} suture.record=${su_record}${su_patched}${su_refused}"
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
  echo "suture: ${su_name} refused: ${su_why}"
  if test ${su_slot} = own; then setenv su_patched " suture.patched_os_refused=${su_run}"; else setenv su_refused " suture.os_refused=${su_slot}"; fi
done
echo "suture: no OS slot is left to boot, the board is reset"
reset
