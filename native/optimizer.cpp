/** The boundary: C on the outside, C++ on the inside, and no exception across. */
#include "optimizer.h"

#include <IpoptConfig.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "memory_limit.hpp"
#include "program.hpp"

using setpoint::InvalidProgram;
using setpoint::Nonzero;
using setpoint::PackedProgram;
using setpoint::Program;
using setpoint::Request;
using setpoint::Result;
using setpoint::Tape;

struct optimizer_program {
  explicit optimizer_program(const PackedProgram& packed) : program(packed) {}
  Program program;
};

namespace {

void write(char* message, uint64_t size, const char* text) {
  if (message == nullptr || size == 0) return;
  const std::size_t length = std::min<std::size_t>(std::strlen(text), size - 1);
  std::memcpy(message, text, length);
  message[length] = 0;
}

/** Runs `body`; every exception becomes a status and a sentence. */
template <class Body> int32_t guarded(char* message, uint64_t size, const Body& body) {
  try {
    write(message, size, "");
    body();
    return OPTIMIZER_OK;
  } catch (const InvalidProgram& error) {
    write(message, size, error.what());
    return OPTIMIZER_INVALID_PROGRAM;
  } catch (const std::invalid_argument& error) {
    write(message, size, error.what());
    return OPTIMIZER_INVALID_ARGUMENT;
  } catch (const std::bad_alloc&) {
    write(message, size, "Out of memory");
    return OPTIMIZER_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    write(message, size, error.what());
    return OPTIMIZER_INTERNAL;
  } catch (const Ipopt::IpoptException& error) {
    write(message, size, error.Message().c_str());
    return OPTIMIZER_INTERNAL;
  } catch (...) {
    write(message, size, "An unknown exception");
    return OPTIMIZER_INTERNAL;
  }
}

void require(bool holds, const char* rule) {
  if (!holds) throw std::invalid_argument(rule);
}

/** Hands out consecutive parts of an array. */
template <class Real> class Parts {
 public:
  explicit Parts(Real* from) : next_(from) {}
  Real* take(std::size_t count) {
    Real* result = next_;
    next_ += count;
    return result;
  }

 private:
  Real* next_;
};

Request read_request(const std::vector<double>& values, std::size_t n, std::size_t p,
                     std::size_t m) {
  Parts<const double> parts(values.data());
  const double* head = parts.take(OPTIMIZER_REQUEST_HEAD);
  Request request{};
  request.tolerance = head[0];
  request.max_iterations = static_cast<int>(std::min(std::max(head[1], 0.0), 1e9));
  request.time_limit_seconds = std::max(head[2], 0.0);
  request.warm = head[3] != 0.0;
  request.linear_solver = head[4] == 1.0   ? setpoint::LinearSolver::mumps
                          : head[4] == 2.0 ? setpoint::LinearSolver::dense
                                           : setpoint::LinearSolver::none;
  request.start = parts.take(n);
  request.parameters = parts.take(p);
  request.lower = parts.take(n);
  request.upper = parts.take(n);
  request.row_lower = parts.take(m);
  request.row_upper = parts.take(m);
  if (request.warm) {
    request.row_multipliers = parts.take(m);
    request.lower_multipliers = parts.take(n);
    request.upper_multipliers = parts.take(n);
  }
  return request;
}

/** Checks and takes apart what a caller of a solve has passed, lets `run` solve, writes the result. */
template <class Run>
void solve_packed(optimizer_program* program, const double* request, uint64_t request_count,
                  double* result, uint64_t result_count, const Run& run) {
  require(program != nullptr && request != nullptr && result != nullptr,
          "the program, the request or the result is NULL");
  const Tape& tape = program->program.shape();
  const auto n = static_cast<std::size_t>(tape.inputs());
  const auto p = static_cast<std::size_t>(tape.parameters());
  const auto m = static_cast<std::size_t>(tape.rows());
  require(request_count >= OPTIMIZER_REQUEST_HEAD, "the request is too short");
  const std::size_t cold = OPTIMIZER_REQUEST_HEAD + 3 * n + p + 2 * m;
  require(request_count == cold + (request[3] != 0.0 ? m + 2 * n : 0),
          "the request has another length than the program's sizes ask for");
  const std::size_t nonzeros = tape.jacobian_structure().size();
  require(result_count == OPTIMIZER_RESULT_HEAD + 4 * n + 2 * m + nonzeros,
          "the result has another length than the program's sizes ask for");
  // A nonblocking caller may touch its buffers while the solve waits its turn.
  const std::vector<double> copy(request, request + request_count);
  const Request wishes = read_request(copy, n, p, m);
  require(wishes.tolerance > 0.0 && std::isfinite(wishes.tolerance),
          "the tolerance is not positive and finite");
  Parts<double> parts(result);
  double* head = parts.take(OPTIMIZER_RESULT_HEAD);
  std::fill_n(result, result_count, 0.0);
  Result end;
  end.point = parts.take(n);
  end.rows = parts.take(m);
  end.row_multipliers = parts.take(m);
  end.lower_multipliers = parts.take(n);
  end.upper_multipliers = parts.take(n);
  end.gradient = parts.take(n);
  end.jacobian = parts.take(nonzeros);
  run(wishes, end);
  head[0] = end.status;
  head[1] = static_cast<double>(end.stop);
  head[2] = end.iterations;
  head[3] = end.has_point ? 1.0 : 0.0;
  head[4] = end.objective;
  head[5] = static_cast<double>(end.linear_solver);
  head[6] = end.times.total;
  head[7] = end.times.values;
  head[8] = end.times.gradients;
  head[9] = end.times.hessians;
  head[10] = end.times.linear;
}

}  // namespace

uint32_t optimizer_abi(void) { return OPTIMIZER_ABI; }

int32_t optimizer_ipopt_version(int32_t* version) {
  if (version == nullptr) return OPTIMIZER_INVALID_ARGUMENT;
  *version = 10000 * IPOPT_VERSION_MAJOR + 100 * IPOPT_VERSION_MINOR + IPOPT_VERSION_RELEASE;
  return OPTIMIZER_OK;
}

int32_t optimizer_load(const int32_t* ints, uint64_t int_count, const double* reals,
                       uint64_t real_count, optimizer_program** program, char* message,
                       uint64_t message_size) {
  if (program != nullptr) *program = nullptr;
  return guarded(message, message_size, [&] {
    require(program != nullptr, "program is NULL");
    require(ints != nullptr && reals != nullptr, "the packed program is NULL");
    *program = new optimizer_program(setpoint::read_packed(ints, int_count, reals, real_count));
  });
}

void optimizer_release(optimizer_program* program) { delete program; }

int32_t optimizer_shape(const optimizer_program* program, int32_t* shape) {
  if (program == nullptr || shape == nullptr) return OPTIMIZER_INVALID_ARGUMENT;
  const Tape& tape = program->program.shape();
  shape[0] = tape.inputs();
  shape[1] = tape.parameters();
  shape[2] = tape.rows();
  shape[3] = static_cast<int32_t>(tape.jacobian_structure().size());
  shape[4] = static_cast<int32_t>(tape.hessian_structure().size());
  return OPTIMIZER_OK;
}

int32_t optimizer_structure(const optimizer_program* program, int32_t* jacobian_rows,
                            int32_t* jacobian_columns, int32_t* hessian_rows,
                            int32_t* hessian_columns) {
  if (program == nullptr || jacobian_rows == nullptr || jacobian_columns == nullptr ||
      hessian_rows == nullptr || hessian_columns == nullptr) {
    return OPTIMIZER_INVALID_ARGUMENT;
  }
  const Tape& tape = program->program.shape();
  for (const Nonzero& at : tape.jacobian_structure()) {
    *jacobian_rows++ = at.row;
    *jacobian_columns++ = at.column;
  }
  for (const Nonzero& at : tape.hessian_structure()) {
    *hessian_rows++ = at.row;
    *hessian_columns++ = at.column;
  }
  return OPTIMIZER_OK;
}

int32_t optimizer_solve(optimizer_program* program, const double* request, uint64_t request_count,
                        double* result, uint64_t result_count, const int32_t* cancel,
                        char* message, uint64_t message_size) {
  return guarded(message, message_size, [&] {
    solve_packed(program, request, request_count, result, result_count,
                 [&](const Request& wishes, Result& end) {
                   program->program.solve(wishes, end, cancel);
                 });
  });
}

int32_t optimizer_solve_briefly(optimizer_program* program, const double* request,
                                uint64_t request_count, double* result, uint64_t result_count,
                                double seconds, int32_t* ended, char* message,
                                uint64_t message_size) {
  return guarded(message, message_size, [&] {
    require(ended != nullptr, "ended is NULL");
    *ended = 0;
    solve_packed(program, request, request_count, result, result_count,
                 [&](const Request& wishes, Result& end) {
                   *ended = program->program.solve_briefly(wishes, end, seconds) ? 1 : 0;
                 });
  });
}

int32_t optimizer_evaluate(optimizer_program* program, const double* point,
                           const double* parameters, double sigma, const double* lambda,
                           double* objective, double* gradient, double* rows, double* jacobian,
                           double* hessian, char* message, uint64_t message_size) {
  return guarded(message, message_size, [&] {
    require(program != nullptr && point != nullptr && parameters != nullptr && lambda != nullptr,
            "the program, the point, the parameters or lambda is NULL");
    program->program.with_tape([&](Tape& tape) {
      tape.set_parameters(parameters);
      tape.set_point(point);
      if (objective != nullptr) *objective = tape.objective();
      if (rows != nullptr) tape.row_values(rows);
      if (gradient != nullptr) tape.gradient(gradient);
      if (jacobian != nullptr) tape.jacobian(jacobian);
      if (hessian != nullptr) tape.hessian(sigma, lambda, hessian);
    });
  });
}

int32_t optimizer_limit_memory(uint64_t bytes, char* message, uint64_t message_size) {
  return guarded(message, message_size, [&] { setpoint::limit_memory(bytes); });
}

int32_t optimizer_memory_left(uint64_t* bytes, char* message, uint64_t message_size) {
  return guarded(message, message_size, [&] {
    require(bytes != nullptr, "bytes is NULL");
    *bytes = setpoint::memory_left();
  });
}

int32_t optimizer_function(int32_t opcode, double c0, double c1, const double* x, uint64_t count,
                           double* value, double* first, double* second) {
  const setpoint::Function* function = setpoint::find_function(opcode);
  if (function == nullptr || x == nullptr || value == nullptr || first == nullptr ||
      second == nullptr) {
    return OPTIMIZER_INVALID_ARGUMENT;
  }
  const setpoint::Constants constants{c0, c1};
  const int n = static_cast<int>(count);
  function->value(n, x, value, constants);
  function->first(n, x, value, first, constants);
  function->second(n, x, value, first, second, constants);
  return OPTIMIZER_OK;
}
