/**
 * Numbers of the packed program: what src/solve/pack.ts writes and native/packed.cpp reads.
 * tests/native/opcodes_test.ts holds both sides equal.
 */
#ifndef SETPOINT_OPCODES_H
#define SETPOINT_OPCODES_H

#include <cstdint>

namespace setpoint {

/** First word of a packed program; raised whenever its layout changes. */
constexpr std::int32_t kPackedFormat = 1;

/** One instruction of a tape; the meaning of each is written in src/model/tape.ts. */
enum class Opcode : std::int32_t {
  input = 1,
  parameter = 2,
  constant = 3,
  affine = 4,
  gather = 5,
  concat = 6,
  add = 7,
  scale = 8,
  sum = 9,
  map = 10,
  product = 11,
};

}  // namespace setpoint

#endif
