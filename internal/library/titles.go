package library

import (
	"context"
	"strings"
)

// titleWords is how many words WithTitle looks for.
const titleWords = 5

// WithTitle returns the ids of up to n articles that readers can see and whose titles hold all of the words, the first
// five of them, as they are spelled: the newest first. It reads every title, so it is for want of an index.
func (l *Library) WithTitle(ctx context.Context, words []string, n int) ([]int64, error) {
	args := []any{everything, l.now()}
	for i := range titleWords {
		like := "%"
		if i < len(words) {
			like = "%" + likeQuoter.Replace(strings.ToLower(noNUL(words[i]))) + "%"
		}
		args = append(args, like)
	}
	keys, err := readKeys(l.db.Query(ctx, `SELECT f.shown, f.article FROM filings f JOIN articles a ON a.id = f.article
		WHERE f.term = $1 AND f.shown <= $2 AND LOWER(a.title) LIKE $3 ESCAPE '\' AND LOWER(a.title) LIKE $4 ESCAPE '\'
		AND LOWER(a.title) LIKE $5 ESCAPE '\' AND LOWER(a.title) LIKE $6 ESCAPE '\' AND LOWER(a.title) LIKE $7 ESCAPE '\'
		ORDER BY f.shown DESC, f.article DESC LIMIT $8`, append(args, n)...))
	return ids(keys), err
}

// likeQuoter writes a word for LIKE so that it stands for itself.
var likeQuoter = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
