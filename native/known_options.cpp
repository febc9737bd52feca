// IPOPT 3.11 has other signatures, and keeps its own list.
#if __has_include(<IpAugSystemSolver.hpp>)

#include "known_options.hpp"

#include <iterator>

namespace setpoint {

namespace {

/** An option is asked for with prefixes too, so all names that end so are forgotten. */
template <class Memory> void erase(Memory& memory, const std::string& end) {
  for (auto at = memory.begin(); at != memory.end();) {
    const std::string& name = at->first;
    const bool ends_so = name.size() >= end.size() &&
                         name.compare(name.size() - end.size(), end.size(), end) == 0;
    at = ends_so ? memory.erase(at) : std::next(at);
  }
}

}  // namespace

/** Names are in lower case, here and in IPOPT. */
void KnownOptions::forget(const std::string& tag) {
  erase(texts_, tag);
  erase(choices_, tag);
  erase(switches_, tag);
  erase(numbers_, tag);
  erase(integers_, tag);
}

/** `ask` is called where nothing is known yet. */
template <class Value, class Ask>
bool KnownOptions::recall(Memory<Value>& memory, const std::string& tag, Value& value,
                          const std::string& prefix, const Ask& ask) {
  const auto at = prefix.empty() ? memory.find(tag) : memory.find(prefix + tag);
  if (at != memory.end()) {
    value = at->second.value;
    return at->second.is_set;
  }
  const bool is_set = ask();
  memory.emplace(prefix + tag, Known<Value>{value, is_set});
  return is_set;
}

bool KnownOptions::SetStringValue(const std::string& tag, const std::string& value,
                                  bool allow_clobber, bool dont_print) {
  std::string present;
  if (GetStringValue(tag, present, "") && present == value) return true;
  forget(tag);
  return OptionsList::SetStringValue(tag, value, allow_clobber, dont_print);
}

bool KnownOptions::SetNumericValue(const std::string& tag, Ipopt::Number value, bool allow_clobber,
                                   bool dont_print) {
  Ipopt::Number present = 0.0;
  if (GetNumericValue(tag, present, "") && present == value) return true;
  forget(tag);
  return OptionsList::SetNumericValue(tag, value, allow_clobber, dont_print);
}

bool KnownOptions::SetIntegerValue(const std::string& tag, Ipopt::Index value, bool allow_clobber,
                                   bool dont_print) {
  Ipopt::Index present = 0;
  if (GetIntegerValue(tag, present, "") && present == value) return true;
  forget(tag);
  return OptionsList::SetIntegerValue(tag, value, allow_clobber, dont_print);
}

bool KnownOptions::UnsetValue(const std::string& tag) {
  forget(tag);
  return OptionsList::UnsetValue(tag);
}

void KnownOptions::clear() {
  forget("");
  OptionsList::clear();
}

bool KnownOptions::GetStringValue(const std::string& tag, std::string& value,
                                  const std::string& prefix) const {
  return recall(texts_, tag, value, prefix,
                [&] { return OptionsList::GetStringValue(tag, value, prefix); });
}

bool KnownOptions::GetEnumValue(const std::string& tag, Ipopt::Index& value,
                                const std::string& prefix) const {
  return recall(choices_, tag, value, prefix,
                [&] { return OptionsList::GetEnumValue(tag, value, prefix); });
}

bool KnownOptions::GetBoolValue(const std::string& tag, bool& value,
                                const std::string& prefix) const {
  return recall(switches_, tag, value, prefix,
                [&] { return OptionsList::GetBoolValue(tag, value, prefix); });
}

bool KnownOptions::GetNumericValue(const std::string& tag, Ipopt::Number& value,
                                   const std::string& prefix) const {
  return recall(numbers_, tag, value, prefix,
                [&] { return OptionsList::GetNumericValue(tag, value, prefix); });
}

bool KnownOptions::GetIntegerValue(const std::string& tag, Ipopt::Index& value,
                                   const std::string& prefix) const {
  return recall(integers_, tag, value, prefix,
                [&] { return OptionsList::GetIntegerValue(tag, value, prefix); });
}

}  // namespace setpoint

#endif
