/* Checks of the tests in C. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "localgrad/localgrad.h"

extern int failures;

#define CHECK(condition) \
  ((condition) ? (void)0 : (void)(++failures, fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition)))

/* The call succeeds. */
#define OK(call)                                                                                             \
  ((call) == LOCALGRAD_OK ? (void)0                                                                          \
                          : (void)(++failures, fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, \
                                                       localgrad_last_error())))

/* The call fails with this status and a message that contains this text. */
#define FAILS(status, text, call) check_fails(__FILE__, __LINE__, #call, status, text, call)

void check_fails(const char* file, int line, const char* call, localgrad_status expected, const char* text,
                 localgrad_status status);

/* A network of 2, 3 and 1 units with the seed 7. */
localgrad_network* small_network(localgrad_type type);

/* Four examples with two inputs and one target. */
extern const float kX[8], kY[4];

void test_network(void);
void test_settings(void);
void test_files(void);
void test_predict(void);
void test_real_time(void);
void test_machine(void);
void test_train(void);
void test_checkpoints(void);
void test_errors(void);
