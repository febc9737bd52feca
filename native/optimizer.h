/**
 * The C ABI of the optimizer: the only way into this library, bound by deno_ipopt_ffi.ts.
 *
 * Every call but optimizer_abi and optimizer_release returns a status; anything but OPTIMIZER_OK
 * comes with a sentence in `message`: UTF-8, ended by 0, cut to `message_size` bytes. The caller
 * owns every array that he passes; unless said otherwise it must not be NULL, and it must stay
 * alive and unchanged until the call returns. Lengths count elements. No exception leaves.
 *
 * Calls are safe from any thread. Solves wait for one another, since MUMPS keeps global state.
 */
#ifndef SETPOINT_OPTIMIZER_H
#define SETPOINT_OPTIMIZER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Everything else in the library is hidden. */
#pragma GCC visibility push(default)

/** Raised whenever a signature, a layout or a meaning in this header changes. */
#define OPTIMIZER_ABI 4

enum optimizer_status {
  OPTIMIZER_OK = 0,
  /** An argument breaks a rule of this header. */
  OPTIMIZER_INVALID_ARGUMENT = 1,
  /** The packed program is broken. */
  OPTIMIZER_INVALID_PROGRAM = 2,
  OPTIMIZER_OUT_OF_MEMORY = 3,
  OPTIMIZER_INTERNAL = 4
};

/** A loaded program; made by optimizer_load, ended by optimizer_release. */
typedef struct optimizer_program optimizer_program;

/** The ABI of the library at run time, to be compared with OPTIMIZER_ABI. */
uint32_t optimizer_abi(void);

/** IPOPT's version as 10000 major + 100 minor + release, written to *version. */
int32_t optimizer_ipopt_version(int32_t *version);

/**
 * Compiles a packed program (layout: src/solve/pack.ts). The arrays are copied.
 * *program receives a handle that the caller owns; NULL when the status is not OPTIMIZER_OK.
 */
int32_t optimizer_load(const int32_t *ints, uint64_t int_count, const double *reals,
                       uint64_t real_count, optimizer_program **program, char *message,
                       uint64_t message_size);

/** Frees a program; NULL is allowed. No call on it may be under way. */
void optimizer_release(optimizer_program *program);

/** Sizes of a program: variables, parameters, rows, Jacobian nonzeros, Hessian nonzeros. */
#define OPTIMIZER_SHAPE 5
int32_t optimizer_shape(const optimizer_program *program, int32_t *shape);

/** Coordinates of the nonzeros, in the order of values; the Hessian's are its lower triangle. */
int32_t optimizer_structure(const optimizer_program *program, int32_t *jacobian_rows,
                            int32_t *jacobian_columns, int32_t *hessian_rows,
                            int32_t *hessian_columns);

/**
 * Solves. n variables, p parameters, m rows; all in unscaled units.
 *
 * request, copied at the start of the call:
 *   tolerance, largest number of iterations, time limit in seconds, 1 when warm else 0,
 *   the linear solver that is wanted (0 the fitting one, 1 MUMPS, 2 dense LDLᵀ; MUMPS is used where
 *   IPOPT does not let us choose), start[n], parameters[p], lower[n], upper[n], row_lower[m], row_upper[m],
 *   and when warm row_multipliers[m], lower_multipliers[n], upper_multipliers[n].
 *
 * result, written at the end of the call:
 *   IPOPT's ApplicationReturnStatus, why the solve was stopped (0 it was not, 1 time limit,
 *   2 cancelled), iterations, 1 when there is a point else 0, objective, which linear solver was
 *   used (0 none, 1 MUMPS, 2 dense LDLᵀ), seconds in all, of values, of first derivatives, of
 *   second derivatives, of linear systems (NaN where IPOPT does not tell), point[n], rows[m], row_multipliers[m], lower_multipliers[n],
 *   upper_multipliers[n], and at that point gradient[n] and the Jacobian's nonzeros.
 *
 * `cancel` may be NULL; else it is read at each iteration and anything but 0 ends the solve. It may
 * be changed during the call.
 */
#define OPTIMIZER_REQUEST_HEAD 5
#define OPTIMIZER_RESULT_HEAD 11
int32_t optimizer_solve(optimizer_program *program, const double *request, uint64_t request_count,
                        double *result, uint64_t result_count, const int32_t *cancel,
                        char *message, uint64_t message_size);

/**
 * Solves as optimizer_solve does, but for at most `seconds` and the iteration under way then, and
 * without waiting for another solve: for a caller whose thread has something else to do soon. *ended
 * receives 1; or 0 where the time was up or another solve was running, and then `result` says
 * nothing. Begun again by optimizer_solve, it takes the same steps.
 */
int32_t optimizer_solve_briefly(optimizer_program *program, const double *request,
                                uint64_t request_count, double *result, uint64_t result_count,
                                double seconds, int32_t *ended, char *message,
                                uint64_t message_size);

/**
 * Values and derivatives at one point, unscaled: objective (1), gradient (n), rows (m), Jacobian
 * and Hessian of sigma f + lambda · g by nonzeros. Each output may be NULL when it is not wanted.
 */
int32_t optimizer_evaluate(optimizer_program *program, const double *point,
                           const double *parameters, double sigma, const double *lambda,
                           double *objective, double *gradient, double *rows, double *jacobian,
                           double *hessian, char *message, uint64_t message_size);

/**
 * Lets this process take `bytes` more of private memory than it has now, whatever it is used for,
 * and no more: allocations beyond that fail. For a process that only solves; it cannot be undone.
 */
int32_t optimizer_limit_memory(uint64_t bytes, char *message, uint64_t message_size);

/** How much more this process may take, in bytes; the largest number there is without a limit. */
int32_t optimizer_memory_left(uint64_t *bytes, char *message, uint64_t message_size);

/** σ, σ′ and σ″ of one row of the function table, with its two constants, at `count` points. */
int32_t optimizer_function(int32_t opcode, double c0, double c1, const double *x, uint64_t count,
                           double *value, double *first, double *second);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
