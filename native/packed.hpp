/** A packed program read back: the tape's instructions, its outputs and the scales, all checked. */
#ifndef SETPOINT_PACKED_HPP
#define SETPOINT_PACKED_HPP

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "opcodes.h"

namespace setpoint {

/** A packed program that breaks its own rules; the message names the instruction. */
struct InvalidProgram : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/** One instruction; which fields count depends on `op` (see src/model/tape.ts). */
struct Instruction {
  Opcode op;
  int size;
  std::vector<int> operands;
  /** input, parameter, gather: where each element of the result comes from. */
  std::vector<int> indices;
  int repeat = 0, rows = 0, cols = 0;
  int length = 0;
  int function = 0;
  /** constant: values; affine: weights then offset; scale: factor then offset; map: c0, c1. */
  std::vector<double> reals;
};

/** One scalar of the tape. */
struct Element {
  int node;
  int element;
};

struct PackedProgram {
  int inputs = 0;
  int parameters = 0;
  std::vector<Instruction> instructions;
  Element objective{};
  std::vector<Element> rows;
  /** Typical sizes, all positive: of the objective, of each decision variable, of each row. */
  double objective_scale = 1.0;
  std::vector<double> variable_scales;
  std::vector<double> row_scales;
};

/** Reads and checks; the arrays are copied. Throws InvalidProgram. */
PackedProgram read_packed(const std::int32_t* ints, std::size_t int_count, const double* reals,
                          std::size_t real_count);

}  // namespace setpoint

#endif
