package library

import (
	"cmp"
	"context"
	"slices"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// claimRows is how many slugs one statement claims or gives.
const claimRows = 20

// claimSlugs gives every new article of a batch a slug, j.slug: the first of its choices that nobody has or had, ""
// when all are taken, which only a given one can be. The row in slugs is what decides, so two that claim one slug at
// once do not both get it. The first choices are claimed in the order of the alphabet, so that writers of namesakes
// wait for one another and never in a circle. The rows are nobody's until giveSlugs.
func (b *batch) claimSlugs(ctx context.Context, jobs []*job) error {
	byChoice := map[string]*job{}
	var added []*job
	for _, j := range jobs {
		if j.slug = ""; j.have.id == 0 {
			j.first = firstChoice(&j.draft)
			added = append(added, j)
		}
	}
	slices.SortStableFunc(added, func(x, y *job) int { return cmp.Compare(x.first, y.first) })
	var first []any
	for _, j := range added {
		if byChoice[j.first] == nil {
			byChoice[j.first] = j
			first = append(first, j.first)
		}
	}
	for part := range slices.Chunk(first, claimRows) {
		if err := b.claimFirst(ctx, part, byChoice); err != nil {
			return err
		}
	}
	for _, j := range added {
		if j.slug != "" {
			continue
		}
		if err := b.claimOther(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

func firstChoice(d *Draft) (first string) {
	for s := range slugChoices(d) {
		return s
	}
	return ""
}

// claimFirst claims the slugs that are free, for the articles whose first choice they are.
func (b *batch) claimFirst(ctx context.Context, slugs []any, byChoice map[string]*job) error {
	rows, err := b.tx.Query(ctx, `INSERT INTO slugs (slug, article, current) VALUES ($1, 0, 1), ($2, 0, 1), ($3, 0, 1),
		($4, 0, 1), ($5, 0, 1), ($6, 0, 1), ($7, 0, 1), ($8, 0, 1), ($9, 0, 1), ($10, 0, 1), ($11, 0, 1), ($12, 0, 1),
		($13, 0, 1), ($14, 0, 1), ($15, 0, 1), ($16, 0, 1), ($17, 0, 1), ($18, 0, 1), ($19, 0, 1), ($20, 0, 1)
		ON CONFLICT (slug) DO NOTHING RETURNING slug`, padded(slugs, 1, claimRows)...)
	return eachRow(rows, err, func() error {
		var slug string
		err := rows.Scan(&slug)
		if j := byChoice[slug]; j != nil {
			j.slug = slug
		}
		return err
	})
}

// claimOther goes through the choices of an article that did not get its first one.
func (b *batch) claimOther(ctx context.Context, j *job) error {
	for slug := range slugChoices(&j.draft) {
		if slug == j.first {
			continue
		}
		n, err := b.tx.Exec(ctx, `INSERT INTO slugs (slug, article, current) VALUES ($1, 0, 1) ON CONFLICT (slug) DO NOTHING`, slug)
		if err != nil {
			return err
		}
		if n == 1 {
			j.slug = slug
			return nil
		}
	}
	return nil
}

// giveSlugs enters the owners of claimed slugs.
func (b *batch) giveSlugs(ctx context.Context) error {
	n := min(len(b.owners), 2*claimRows)
	args := b.owners[:n]
	b.owners = b.owners[n:]
	if n < 2*claimRows {
		for i := 0; i < n; i += 2 {
			if _, err := b.tx.Exec(ctx, `UPDATE slugs SET article = $2 WHERE slug = $1`, args[i], args[i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	_, err := b.tx.Exec(ctx, `INSERT INTO slugs (slug, article, current) VALUES ($1, $2, 1), ($3, $4, 1), ($5, $6, 1),
		($7, $8, 1), ($9, $10, 1), ($11, $12, 1), ($13, $14, 1), ($15, $16, 1), ($17, $18, 1), ($19, $20, 1), ($21, $22, 1),
		($23, $24, 1), ($25, $26, 1), ($27, $28, 1), ($29, $30, 1), ($31, $32, 1), ($33, $34, 1), ($35, $36, 1),
		($37, $38, 1), ($39, $40, 1) ON CONFLICT (slug) DO UPDATE SET article = excluded.article`, args...)
	return err
}

var errSlugTaken = &fault.Error{Kind: fault.Conflict, Field: "slug", Text: "another article has or had this slug"}

// moveSlug gives an article another slug and keeps the old one leading to it. A slug it had once it may have again.
func (j *job) moveSlug(ctx context.Context, tx *storage.DB) error {
	_, err := tx.Exec(ctx, `INSERT INTO slugs (slug, article, current) VALUES ($1, $2, 1) ON CONFLICT (slug) DO NOTHING`,
		j.draft.Slug, j.have.id)
	if err != nil {
		return err
	}
	var owner int64
	if err := tx.QueryRow(ctx, `SELECT article FROM slugs WHERE slug = $1`, j.draft.Slug).Scan(&owner); err != nil {
		return err
	}
	if owner != j.have.id {
		j.saved.Err = errSlugTaken
		return nil
	}
	_, err = tx.Exec(ctx, `UPDATE slugs SET current = CASE WHEN slug = $1 THEN 1 ELSE 0 END WHERE article = $2`,
		j.draft.Slug, j.have.id)
	return err
}
