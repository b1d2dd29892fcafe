package page

import "strings"

// pathMost bounds what a form or a mail may carry to return to, in bytes.
const pathMost = 500

// LocalPath returns a path of this site, its query included, as it is, and "" for anything else: what begins a link to
// another host, what a browser might read as its beginning, and what could end a header's line (S-13).
func LocalPath(p string) string {
	if len(p) > pathMost || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") {
		return ""
	}
	for i := range len(p) {
		if c := p[i]; c <= 0x20 || c >= 0x7f || c == '\\' {
			return ""
		}
	}
	lower := strings.ToLower(p)
	for _, hidden := range []string{"%5c", "%0a", "%0d", "%00"} {
		if strings.Contains(lower, hidden) {
			return ""
		}
	}
	if path, _, _ := strings.Cut(lower, "?"); strings.Contains(path, "%2f") {
		return ""
	}
	return p
}
