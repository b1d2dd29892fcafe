package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing wrong with a configuration. The error of Load and of
// Validate joins all that were found; errors.As reaches the first.
type Problem struct {
	Source string // the file, the variable or "option"; empty for a Config made in the program
	Line   int    // in the file, from 1; 0 elsewhere
	Key    string // as in "wall.free_articles"
	Reason string // what was expected; never a secret
}

// Error tells where, which key and why: "gatefold.toml:14:
// wall.free_articles: expected a whole number from 0 to 100, got \"three\"".
func (p *Problem) Error() string {
	switch {
	case p.Line > 0:
		return fmt.Sprintf("%s:%d: %s: %s", p.Source, p.Line, p.Key, p.Reason)
	case p.Source == "":
		return p.Key + ": " + p.Reason
	case strings.HasPrefix(p.Source, envPrefix):
		return p.Source + ": " + p.Reason
	}
	return p.Source + " " + p.Key + ": " + p.Reason
}

// unknown is the reason given for a key that does not exist, with the
// nearest of those that do.
func unknown(key string, known []string) string {
	if near := nearest(key, known); near != "" {
		return "no such setting; did you mean " + near + "?"
	}
	return "no such setting"
}

// nearest returns the known key fewest edits from key, or "" when that many
// edits would make one key of any other.
func nearest(key string, known []string) string {
	best, fewest := "", max(2, len(key)/3)+1
	for _, k := range known {
		if n := distance(key, k); n < fewest {
			best, fewest = k, n
		}
	}
	return best
}

// distance is the number of letters to insert, remove, replace or swap with
// their neighbor to make b of a (optimal string alignment). Texts too long
// to be a mistyped key are infinitely far.
func distance(a, b string) int {
	if len(a) > 100 {
		return len(a)
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

// knownKeys are the keys of all fields, or of the fields given.
func knownKeys(fields []field) []string {
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	return keys
}

func allKeys() []string {
	var keys []string
	for _, s := range sections {
		keys = append(keys, knownKeys(s.fields)...)
	}
	slices.Sort(keys)
	return keys
}

// join writes the parts of a key as TOML does: quoted when not bare.
func join(prefix, part string) string {
	bare := part != "" && !strings.ContainsFunc(part, func(r rune) bool {
		return !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	})
	if !bare {
		part = strconv.Quote(part)
	}
	if prefix == "" {
		return part
	}
	return prefix + "." + part
}
