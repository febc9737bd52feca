/** Sets of decision variables, each kept once, and the positions of one set inside another. */
#ifndef SETPOINT_SUPPORT_HPP
#define SETPOINT_SUPPORT_HPP

#include <map>
#include <utility>
#include <vector>

namespace setpoint {

/** Number of a set in a `Supports`; equal sets have equal numbers. */
using SupportId = int;

/** The set without members. */
constexpr SupportId kNoVariables = 0;

class Supports {
 public:
  Supports();

  /** The variables of a set, ascending. */
  const std::vector<int>& variables(SupportId id) const { return *sets_[static_cast<std::size_t>(id)]; }
  int width(SupportId id) const { return static_cast<int>(variables(id).size()); }

  /** The set of exactly these variables, ascending and without repeats. */
  SupportId find(std::vector<int> variables);
  SupportId union_of(const std::vector<SupportId>& ids);

  /** Position of each member of `part` inside `whole`, which holds them all; nullptr: the same set. */
  const int* positions(SupportId part, SupportId whole);

 private:
  std::map<std::vector<int>, SupportId> ids_;
  std::vector<const std::vector<int>*> sets_;
  std::map<std::pair<SupportId, SupportId>, std::vector<int>> positions_;
  std::map<std::pair<SupportId, SupportId>, SupportId> unions_;
};

}  // namespace setpoint

#endif
