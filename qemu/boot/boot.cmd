# The A/B decision, run by U-Boot at every start. It reads the activation record, takes one try off a trial before the
# trial starts, and boots the chosen OS slot's kernel. It never mounts or judges a component: the agent does.
#
# The record is two 512-byte copies in the raw partition `state` (first GPT partition), in U-Boot's environment format
# with CRC-32: copy 0 at its first sector, copy 1 at 512 KiB (sector 400 hex). The valid copy with the higher su_seq
# counts; what is written goes over the other one, so that a cut during the write leaves the old copy whole.
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
      setenv su_${su_trial} failed
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
if test "${su_run}" != "a" && test "${su_run}" != "b"; then setenv su_run base; fi
if test "${su_boot_os}" != "b"; then setenv su_boot_os a; fi
echo "suture: run=${su_run} trial=${su_on_trial} os=${su_boot_os} record=${su_record}"

load virtio 0:2 47004000 /${su_boot_os}/os.env
env import -t 47004000 ${filesize} su_verity
setenv bootargs "console=ttyAMA0 rdinit=/init quiet panic=1 suture.run=${su_run} suture.trial=${su_on_trial} suture.os=${su_boot_os} suture.record=${su_record} suture.verity=${su_verity}"
load virtio 0:2 ${kernel_addr_r} /${su_boot_os}/Image
load virtio 0:2 ${ramdisk_addr_r} /${su_boot_os}/initrd
booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}
# Only reached when the kernel could not be started: U-Boot's own environment resets the board.
