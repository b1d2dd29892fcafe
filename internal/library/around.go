package library

import "context"

// around is how many of the newest articles of a term are looked at to say what stands around it: the cost is the same
// for every term.
const around = 1000

// Beside returns up to n terms of a kind under which articles of a term are filed too, those with the most of them
// first. Articles says how many of the term's newest 1,000 that are. The term itself is not among them.
func (l *Library) Beside(ctx context.Context, term int64, kind TermKind, n int) ([]TermCount, error) {
	rows, err := l.db.Query(ctx, `SELECT t.id, t.slug, t.name, t.description, t.parent, COUNT(*) FROM (SELECT article
		FROM filings WHERE term = $1 AND shown <= $2 ORDER BY shown DESC, article DESC LIMIT $3) own
		JOIN filings f ON f.article = own.article JOIN terms t ON t.id = f.term WHERE t.kind = $4 AND t.id <> $1
		GROUP BY t.id, t.slug, t.name, t.description, t.parent ORDER BY COUNT(*) DESC, t.name, t.id LIMIT $5`,
		term, l.now(), around, kind, n)
	var out []TermCount
	err = eachRow(rows, err, func() error {
		t := TermCount{Term: Term{Kind: kind}}
		err := rows.Scan(&t.ID, &t.Slug, &t.Name, &t.Description, &t.Parent, &t.Articles)
		out = append(out, t)
		return err
	})
	return out, err
}

// Longest returns the ids of up to n of a term's newest 1,000 articles, the longest first: what was given the most room.
func (l *Library) Longest(ctx context.Context, term int64, n int) ([]int64, error) {
	keys, err := readKeys(l.db.Query(ctx, `SELECT own.shown, own.article FROM (SELECT shown, article FROM filings
		WHERE term = $1 AND shown <= $2 ORDER BY shown DESC, article DESC LIMIT $3) own JOIN articles a ON a.id = own.article
		ORDER BY a.words DESC, own.shown DESC, own.article DESC LIMIT $4`, term, l.now(), around, n))
	return ids(keys), err
}
