#include "support.hpp"

#include <algorithm>
#include <iterator>

namespace setpoint {

Supports::Supports() { find({}); }

SupportId Supports::find(std::vector<int> variables) {
  const auto [at, added] =
      ids_.emplace(std::move(variables), static_cast<SupportId>(sets_.size()));
  if (added) sets_.push_back(&at->first);
  return at->second;
}

SupportId Supports::union_of(const std::vector<SupportId>& ids) {
  std::vector<SupportId> distinct(ids);
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (!distinct.empty() && distinct.front() == kNoVariables) distinct.erase(distinct.begin());
  if (distinct.empty()) return kNoVariables;
  if (distinct.size() == 1) return distinct.front();
  const bool pair = distinct.size() == 2;
  if (pair) {
    const auto known = unions_.find({distinct[0], distinct[1]});
    if (known != unions_.end()) return known->second;
  }
  std::vector<int> all;
  for (const SupportId id : distinct) {
    all.insert(all.end(), variables(id).begin(), variables(id).end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  const SupportId result = find(std::move(all));
  if (pair) unions_.emplace(std::make_pair(distinct[0], distinct[1]), result);
  return result;
}

const int* Supports::positions(SupportId part, SupportId whole) {
  if (part == whole) return nullptr;
  auto [at, added] = positions_.try_emplace({part, whole});
  if (added) {
    const auto& inside = variables(whole);
    for (const int variable : variables(part)) {
      at->second.push_back(static_cast<int>(
          std::lower_bound(inside.begin(), inside.end(), variable) - inside.begin()));
    }
  }
  return at->second.data();
}

}  // namespace setpoint
