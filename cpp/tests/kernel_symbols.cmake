# Fails if an object of an instruction set defines a weak symbol or any global but its table: otherwise an
# inline function compiled for AVX-512 could become the copy that every caller gets.

execute_process(COMMAND ${NM} -C --defined-only --extern-only ${LIBRARY} OUTPUT_VARIABLE listing
  COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" lines "${listing}")
set(object "")
set(tables 0)
foreach(line IN LISTS lines)
  if(line MATCHES "^(.*\\.o):$")
    set(object ${CMAKE_MATCH_1})
  elseif(object MATCHES "isa_" AND NOT line STREQUAL "")
    if(line MATCHES " localgrad::k(Portable|Avx2|Avx512)Kernels$")
      math(EXPR tables "${tables} + 1")
    else()
      message(SEND_ERROR "${object} exports ${line}")
    endif()
  endif()
endforeach()
if(tables EQUAL 0)
  message(SEND_ERROR "no kernel table found in ${LIBRARY}")
endif()
