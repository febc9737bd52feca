/**
 * Functions of optimizer.h; each parameter carries its C type and name. A program's handle travels
 * as a number: making a pointer object would need permission for every library, not only this one.
 */
export const SYMBOLS = {
  optimizer_abi: { parameters: [], result: "u32" },
  optimizer_ipopt_version: {
    parameters: [
      "buffer", // int32_t *version
    ],
    result: "i32",
  },
  optimizer_load: {
    parameters: [
      "buffer", // const int32_t *ints
      "u64", // uint64_t int_count
      "buffer", // const double *reals
      "u64", // uint64_t real_count
      "buffer", // optimizer_program **program
      "buffer", // char *message
      "u64", // uint64_t message_size
    ],
    result: "i32",
  },
  optimizer_release: {
    parameters: [
      "usize", // optimizer_program *program
    ],
    result: "void",
  },
  optimizer_shape: {
    parameters: [
      "usize", // const optimizer_program *program
      "buffer", // int32_t *shape
    ],
    result: "i32",
  },
  optimizer_structure: {
    parameters: [
      "usize", // const optimizer_program *program
      "buffer", // int32_t *jacobian_rows
      "buffer", // int32_t *jacobian_columns
      "buffer", // int32_t *hessian_rows
      "buffer", // int32_t *hessian_columns
    ],
    result: "i32",
  },
  optimizer_solve: {
    parameters: [
      "usize", // optimizer_program *program
      "buffer", // const double *request
      "u64", // uint64_t request_count
      "buffer", // double *result
      "u64", // uint64_t result_count
      "buffer", // const int32_t *cancel
      "buffer", // char *message
      "u64", // uint64_t message_size
    ],
    result: "i32",
    nonblocking: true,
  },
  optimizer_solve_briefly: {
    parameters: [
      "usize", // optimizer_program *program
      "buffer", // const double *request
      "u64", // uint64_t request_count
      "buffer", // double *result
      "u64", // uint64_t result_count
      "f64", // double seconds
      "buffer", // int32_t *ended
      "buffer", // char *message
      "u64", // uint64_t message_size
    ],
    result: "i32",
  },
  optimizer_evaluate: {
    parameters: [
      "usize", // optimizer_program *program
      "buffer", // const double *point
      "buffer", // const double *parameters
      "f64", // double sigma
      "buffer", // const double *lambda
      "buffer", // double *objective
      "buffer", // double *gradient
      "buffer", // double *rows
      "buffer", // double *jacobian
      "buffer", // double *hessian
      "buffer", // char *message
      "u64", // uint64_t message_size
    ],
    result: "i32",
    nonblocking: true,
  },
  optimizer_limit_memory: {
    parameters: [
      "u64", // uint64_t bytes
      "buffer", // char *message
      "u64", // uint64_t message_size
    ],
    result: "i32",
  },
  optimizer_memory_left: {
    parameters: [
      "buffer", // uint64_t *bytes
      "buffer", // char *message
      "u64", // uint64_t message_size
    ],
    result: "i32",
  },
  optimizer_function: {
    parameters: [
      "i32", // int32_t opcode
      "f64", // double c0
      "f64", // double c1
      "buffer", // const double *x
      "u64", // uint64_t count
      "buffer", // double *value
      "buffer", // double *first
      "buffer", // double *second
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;
