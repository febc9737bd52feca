#include "packed.hpp"

#include <cmath>

#include "functions.h"

namespace setpoint {
namespace {

/** Largest number of elements of one instruction's result, so that sizes never overflow an int. */
constexpr int kLargestSize = 1 << 26;

class Reader {
 public:
  Reader(const std::int32_t* ints, std::size_t int_count, const double* reals,
         std::size_t real_count)
      : ints_(ints), ints_left_(int_count), reals_(reals), reals_left_(real_count) {}

  PackedProgram read() {
    PackedProgram program;
    if (const int format = next(); format != kPackedFormat) {
      throw InvalidProgram("The packed program has format " + std::to_string(format) +
                           ", this library reads format " + std::to_string(kPackedFormat) +
                           ": build the native library again");
    }
    program.inputs = count("the number of decision variables");
    program.parameters = count("the number of parameters");
    const int instructions = count("the number of instructions");
    for (int id = 0; id < instructions; ++id) {
      place_ = "instruction " + std::to_string(id);
      program.instructions.push_back(instruction(program, id));
    }
    place_ = "the objective";
    program.objective = element(program);
    const int rows = count("the number of rows");
    for (int row = 0; row < rows; ++row) {
      place_ = "row " + std::to_string(row);
      program.rows.push_back(element(program));
    }
    place_ = "the scales";
    program.objective_scale = scales(1)[0];
    program.variable_scales = scales(program.inputs);
    program.row_scales = scales(rows);
    if (ints_left_ != 0 || reals_left_ != 0) {
      fail(std::to_string(ints_left_) + " integers and " + std::to_string(reals_left_) +
           " reals are left over at the end");
    }
    return program;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InvalidProgram("The packed program is broken at " + place_ + ": " + what);
  }

  int next() {
    if (ints_left_ == 0) fail("it ends too early");
    --ints_left_;
    return *ints_++;
  }

  int count(const char* name) {
    const int value = next();
    if (value < 0 || value > kLargestSize) fail(std::string(name) + " is " + std::to_string(value));
    return value;
  }

  int size(const char* name) {
    const int value = count(name);
    if (value == 0) fail(std::string(name) + " is 0");
    return value;
  }

  std::vector<int> positions(int how_many, int limit, const char* name) {
    if (static_cast<std::size_t>(how_many) > ints_left_) fail("it ends too early");
    std::vector<int> result(ints_, ints_ + how_many);
    ints_ += how_many;
    ints_left_ -= static_cast<std::size_t>(how_many);
    for (const int position : result) {
      if (position < 0 || position >= limit) {
        fail(std::string(name) + " " + std::to_string(position) + " is not below " +
             std::to_string(limit));
      }
    }
    return result;
  }

  std::vector<double> real_values(std::size_t how_many) {
    if (how_many > reals_left_) fail("its real numbers end too early");
    std::vector<double> result(reals_, reals_ + how_many);
    reals_ += how_many;
    reals_left_ -= how_many;
    return result;
  }

  std::vector<double> scales(int how_many) {
    auto result = real_values(static_cast<std::size_t>(how_many));
    for (const double scale : result) {
      if (!(scale > 0.0) || !std::isfinite(scale)) {
        fail("a scale is " + std::to_string(scale) + ", not positive and finite");
      }
    }
    return result;
  }

  Element element(const PackedProgram& program) {
    const int nodes = static_cast<int>(program.instructions.size());
    const int node = positions(1, nodes, "instruction")[0];
    const int size = program.instructions[static_cast<std::size_t>(node)].size;
    return {node, positions(1, size, "element")[0]};
  }

  void expect(bool holds, const char* rule) const {
    if (!holds) fail(rule);
  }

  Instruction instruction(const PackedProgram& program, int id) {
    Instruction result;
    const int opcode = next();
    result.op = static_cast<Opcode>(opcode);
    result.size = size("its size");
    const auto length = static_cast<std::size_t>(result.size);
    const auto operands = [&](int how_many) {
      result.operands = positions(how_many, id, "operand");
    };
    const auto operand_size = [&](std::size_t which) {
      return program.instructions[static_cast<std::size_t>(result.operands[which])].size;
    };
    switch (result.op) {
      case Opcode::input:
        result.indices = positions(result.size, program.inputs, "decision variable");
        break;
      case Opcode::parameter:
        result.indices = positions(result.size, program.parameters, "parameter");
        break;
      case Opcode::constant:
        result.reals = real_values(length);
        break;
      case Opcode::affine:
        operands(1);
        result.repeat = size("repeat");
        result.rows = size("rows");
        result.cols = size("cols");
        expect(std::int64_t{result.repeat} * result.rows == result.size,
               "its size is not repeat times rows");
        expect(std::int64_t{result.repeat} * result.cols == operand_size(0),
               "its operand has not repeat times cols elements");
        result.reals = real_values(static_cast<std::size_t>(result.rows) *
                                   (static_cast<std::size_t>(result.cols) + 1));
        break;
      case Opcode::gather:
        operands(1);
        result.indices = positions(result.size, operand_size(0), "element");
        break;
      case Opcode::concat: {
        operands(size("the number of operands"));
        std::int64_t total = 0;
        for (std::size_t i = 0; i < result.operands.size(); ++i) total += operand_size(i);
        expect(total == result.size, "its operands do not add up to its size");
        break;
      }
      case Opcode::add:
      case Opcode::product:
        operands(2);
        expect(operand_size(0) == result.size && operand_size(1) == result.size,
               "its operands have not its size");
        break;
      case Opcode::scale:
        operands(1);
        expect(operand_size(0) == result.size, "its operand has not its size");
        result.reals = real_values(2 * length);
        break;
      case Opcode::sum:
        operands(1);
        result.length = size("length");
        expect(std::int64_t{result.length} * result.size == operand_size(0),
               "its operand has not size times length elements");
        break;
      case Opcode::map:
        operands(1);
        expect(operand_size(0) == result.size, "its operand has not its size");
        result.function = next();
        if (find_function(result.function) == nullptr) {
          fail("there is no function with opcode " + std::to_string(result.function));
        }
        result.reals = real_values(2);
        break;
      default:
        fail("there is no instruction with opcode " + std::to_string(opcode));
    }
    return result;
  }

  const std::int32_t* ints_;
  std::size_t ints_left_;
  const double* reals_;
  std::size_t reals_left_;
  std::string place_ = "its head";
};

}  // namespace

PackedProgram read_packed(const std::int32_t* ints, std::size_t int_count, const double* reals,
                          std::size_t real_count) {
  return Reader(ints, int_count, reals, real_count).read();
}

}  // namespace setpoint
