/**
 * IPOPT's options with a memory. At the start of each solve IPOPT asks for some 250 of them by name,
 * and finds each in two maps, in lower case, as text that is read as a number again: a tenth of a
 * small warm solve.
 */
#ifndef SETPOINT_KNOWN_OPTIONS_HPP
#define SETPOINT_KNOWN_OPTIONS_HPP

#include <IpOptionsList.hpp>
#include <string>
#include <unordered_map>

namespace setpoint {

/** What was asked before is answered at once, until the option is given another value. */
class KnownOptions : public Ipopt::OptionsList {
 public:
  using OptionsList::OptionsList;

  bool SetStringValue(const std::string& tag, const std::string& value, bool allow_clobber,
                      bool dont_print) override;
  bool SetNumericValue(const std::string& tag, Ipopt::Number value, bool allow_clobber,
                       bool dont_print) override;
  bool SetIntegerValue(const std::string& tag, Ipopt::Index value, bool allow_clobber,
                       bool dont_print) override;

  bool UnsetValue(const std::string& tag) override;
  void clear() override;

  bool GetStringValue(const std::string& tag, std::string& value,
                      const std::string& prefix) const override;
  bool GetEnumValue(const std::string& tag, Ipopt::Index& value,
                    const std::string& prefix) const override;
  bool GetBoolValue(const std::string& tag, bool& value, const std::string& prefix) const override;
  bool GetNumericValue(const std::string& tag, Ipopt::Number& value,
                       const std::string& prefix) const override;
  bool GetIntegerValue(const std::string& tag, Ipopt::Index& value,
                       const std::string& prefix) const override;

 private:
  /** What IPOPT answered: the value, and whether it had been set. */
  template <class Value> struct Known {
    Value value;
    bool is_set;
  };
  template <class Value> using Memory = std::unordered_map<std::string, Known<Value>>;

  mutable Memory<std::string> texts_;
  mutable Memory<Ipopt::Index> choices_;
  mutable Memory<bool> switches_;
  mutable Memory<Ipopt::Number> numbers_;
  mutable Memory<Ipopt::Index> integers_;

  /** All that ends with `tag`. */
  void forget(const std::string& tag);
  template <class Value, class Ask>
  static bool recall(Memory<Value>& memory, const std::string& tag, Value& value,
                     const std::string& prefix, const Ask& ask);
};

}  // namespace setpoint

#endif
