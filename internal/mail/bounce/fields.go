package bounce

import (
	"regexp"
	"strings"
)

// fields are one group of a report (RFC 3464, section 2.1): values by name in small letters, unfolded.
type fields map[string]string

// add takes over what is not there yet.
func (f fields) add(more fields) {
	for name, value := range more {
		if _, ok := f[name]; !ok {
			f[name] = value
		}
	}
}

// groups reads groups of fields parted by empty lines. What is no field is passed over.
func groups(text string) (all []fields) {
	var name string
	g := fields{}
	flush := func() {
		if len(g) > 0 && len(all) < 2*recipientsMost {
			all = append(all, g)
		}
		g, name = fields{}, ""
	}
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		line = strings.TrimRight(line, " \t\n")
		switch {
		case line == "":
			flush()
		case (line[0] == ' ' || line[0] == '\t') && name != "":
			g[name] = strings.TrimSpace(g[name] + " " + strings.TrimSpace(line))
		default:
			n, value, ok := strings.Cut(strings.TrimSpace(line), ":")
			n = strings.ToLower(strings.TrimSpace(n))
			if !ok || n == "" || strings.ContainsAny(n, " \t") {
				name = ""
				continue
			}
			if _, again := g[n]; again && (n == "final-recipient" || n == "diagnostic-code") && g["final-recipient"] != "" && n == "final-recipient" {
				flush() // a system that leaves out the empty line between two recipients
			}
			name = n
			if _, again := g[n]; !again {
				g[n] = strings.TrimSpace(value)
			}
		}
	}
	flush()
	return all
}

// findStatus looks for the fields of a report within the text, where some systems put them.
func (m *mailing) findStatus() {
	for i, text := range m.texts {
		small := strings.ToLower(text)
		if !strings.Contains(small, "final-recipient:") || !strings.Contains(small, "action:") {
			continue
		}
		for _, g := range groups(text) {
			if g["final-recipient"] != "" && g["action"] != "" {
				m.status = append(m.status, g)
			}
		}
		m.texts[i] = text
	}
}

var (
	tags       = regexp.MustCompile(`(?is)<(?:style|script|head)\b.*?</(?:style|script|head)>|<[a-z!/][^>]{0,1000}>`)
	breaks     = regexp.MustCompile(`(?i)<(?:br|/p|/tr|/div|/h[1-6]|/li|/td)\b[^>]{0,200}>`)
	anyAddress = regexp.MustCompile(`[^\s<>"'(),:;\[\]]{1,128}@[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}`)
)

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&nbsp;", " ", "&amp;", "&")

// plain is the text of a page of HTML, roughly.
func plain(html string) string {
	return entities.Replace(tags.ReplaceAllString(breaks.ReplaceAllString(html, "\n"), ""))
}
