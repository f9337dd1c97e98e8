# Reads a redundant U-Boot environment of two copies of 4096 bytes in the partition `state`, 64 and 192 KiB from its start, as
# U-Boot's own env/common.c does: this U-Boot has none. Behind it comes what goes by the names in it. A U-Boot that was built
# with CONFIG_SYS_REDUNDAND_ENVIRONMENT needs nothing of this: its variables are there, and su_save is `saveenv`.
#
# The environment is not trusted: only the names in su_vars are imported, and their values only compared. What is written back
# has these alone, so nobody else may have variables in it (`only_ours` in agent.json).
virtio scan
part start virtio 0 state su_lba
setexpr su_lba0 0x${su_lba} + 80
setexpr su_lba1 0x${su_lba} + 180
setenv su_valid0 0; setenv su_valid1 0
if virtio read 47000000 ${su_lba0} 8; then
  crc32 47000005 ffb 47010000
  if itest.b *47000000 == *47010003 && itest.b *47000001 == *47010002 && itest.b *47000002 == *47010001 && itest.b *47000003 == *47010000; then setenv su_valid0 1; fi
fi
if virtio read 47001000 ${su_lba1} 8; then
  crc32 47001005 ffb 47010000
  if itest.b *47001000 == *47010003 && itest.b *47001001 == *47010002 && itest.b *47001002 == *47010001 && itest.b *47001003 == *47010000; then setenv su_valid1 1; fi
fi
# The flags count the writes, and begin again behind 255.
setenv su_newer ${su_valid1}
if test ${su_valid0}${su_valid1} = 11; then
  if itest.b *47000004 -ge *47001004; then setenv su_newer 0; fi
  if itest.b *47000004 == ff && itest.b *47001004 == 0; then setenv su_newer 1; fi
  if itest.b *47000004 == 0 && itest.b *47001004 == ff; then setenv su_newer 0; fi
fi
setenv su_from 47000000; setenv su_flags_at 47000004; setenv su_write_lba ${su_lba1}
if test ${su_newer} = 1; then setenv su_from 47001000; setenv su_flags_at 47001004; setenv su_write_lba ${su_lba0}; fi

# For `run`: writes the variables over the copy that does not count. Only what was read back equal is written.
setenv su_save 'if env export -bs ffb 47002005 ${su_vars} && setexpr.b su_flags *${su_flags_at} + 1; then
  setexpr su_flags 0x${su_flags} \\& ff
  mw.b 47002004 ${su_flags}
  crc32 47002005 ffb 47010000
  cp.b 47010003 47002000 1; cp.b 47010002 47002001 1; cp.b 47010001 47002002 1; cp.b 47010000 47002003 1
  mw.b 47003000 0 1000
  if virtio write 47002000 ${su_write_lba} 8 && virtio read 47003000 ${su_write_lba} 8 && cmp.b 47002000 47003000 1000; then setenv su_written yes; fi
fi'

setenv su_record damaged
setenv su_run base; setenv su_on_trial 0; setenv su_boot_os a; setenv su_counted 0
setenv su_load 'setexpr su_from 0x${su_from} + 5; if env import -b ${su_from} ffb ${su_vars}; then setenv su_record ok; setenv su_counted 1; fi'
