package readers

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed disposable.txt
var disposableText string

// disposable is the built-in list, sorted.
var disposable = sync.OnceValue(func() []string {
	lines := strings.Split(strings.TrimSpace(disposableText), "\n")
	return slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "#") })
})

// Disposable reports whether a domain, in small ASCII letters, or a domain above it belongs to a known throw-away mail
// service (W-27).
func Disposable(domain string) bool {
	return underAny(domain, func(d string) bool {
		_, found := slices.BinarySearch(disposable(), d)
		return found
	})
}

// underAny asks of a domain and of each domain above it down to two labels.
func underAny(domain string, is func(string) bool) bool {
	for strings.Contains(domain, ".") {
		if is(domain) {
			return true
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return false
}
