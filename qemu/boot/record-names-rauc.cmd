# The names of RAUC. As its own boot script, the first of BOOT_ORDER that has starts left pays with one and is started; but
# when none has, base is, and no count is filled up again.
setenv su_vars BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT suture suture_trial suture_os
if test ${su_valid0}${su_valid1} != 00; then run su_load; fi
if test ${su_record} = ok; then
  if test "${suture_os}" = "b"; then setenv su_boot_os b; fi
  setenv su_first none; setenv su_second none
  if test "${BOOT_ORDER}" = "A base"; then setenv su_first a; fi
  if test "${BOOT_ORDER}" = "B base"; then setenv su_first b; fi
  if test "${BOOT_ORDER}" = "A B base"; then setenv su_first a; setenv su_second b; fi
  if test "${BOOT_ORDER}" = "B A base"; then setenv su_first b; setenv su_second a; fi
  setenv su_chosen base
  for su_slot in ${su_first} ${su_second}; do
    if test ${su_chosen} = base; then
      if test ${su_slot} = a && itest 0x${BOOT_A_LEFT} -gt 0; then setenv su_chosen a; setexpr BOOT_A_LEFT 0x${BOOT_A_LEFT} - 1; fi
      if test ${su_slot} = b && itest 0x${BOOT_B_LEFT} -gt 0; then setenv su_chosen b; setexpr BOOT_B_LEFT 0x${BOOT_B_LEFT} - 1; fi
    fi
  done
  if test ${su_chosen} != base; then
    # Nothing starts whose start was not counted.
    setenv su_written no; run su_save
    setenv su_counted 0
    if test ${su_written} = yes; then
      setenv su_run ${su_chosen}; setenv su_counted 1
      if test "${suture_trial}" = "${su_chosen}"; then setenv su_on_trial 1; fi
    fi
  fi
fi
