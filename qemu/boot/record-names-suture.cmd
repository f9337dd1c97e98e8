# The names of the raw record. A trial pays with a try, what is active with a start; what has none left is passed over, and
# the agent sees by itself what that means.
setenv su_vars su_v su_seq su_active su_starts su_trial su_tries su_a su_b su_a_id su_b_id su_os
if test ${su_valid0}${su_valid1} != 00; then run su_load; fi
if test ${su_record} = ok; then
  if test "${su_os}" = "b"; then setenv su_boot_os b; fi
  setenv su_chosen base; setenv su_chosen_trial 0
  if test "${su_trial}" = "a" && itest 0x${su_tries} -gt 0; then setenv su_chosen a; setenv su_chosen_trial 1; fi
  if test "${su_trial}" = "b" && itest 0x${su_tries} -gt 0; then setenv su_chosen b; setenv su_chosen_trial 1; fi
  if test ${su_chosen_trial} = 1; then
    setexpr su_tries 0x${su_tries} - 1
  else
    if test "${su_active}" = "a" && itest 0x${su_starts} -ge 0 && itest 0x${su_starts} -lt 5; then setenv su_chosen a; fi
    if test "${su_active}" = "b" && itest 0x${su_starts} -ge 0 && itest 0x${su_starts} -lt 5; then setenv su_chosen b; fi
    if test ${su_chosen} != base; then setexpr su_starts 0x${su_starts} + 1; fi
  fi
  if test ${su_chosen} != base; then
    # Nothing starts whose start was not counted.
    setenv su_written no; run su_save
    setenv su_counted 0
    if test ${su_written} = yes; then setenv su_run ${su_chosen}; setenv su_on_trial ${su_chosen_trial}; setenv su_counted 1; fi
  fi
fi
