package newsletters

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// languageForm is a tag of BCP 47 as it is written: "de", "pt-BR".
var languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// Languages are those that letters come in: the publication's first, then others in the order of the newsletters.
func (l *Newsletters) Languages(ctx context.Context) ([]string, error) {
	all, err := l.All(ctx)
	if err != nil {
		return nil, err
	}
	list := []string{l.Publication.Language}
	for _, n := range all {
		if n.Language != "" && !slices.Contains(list, n.Language) {
			list = append(list, n.Language)
		}
	}
	return list, nil
}

// Language is the one that a reader wants letters in. Who chose none has the publication's.
func (l *Newsletters) Language(ctx context.Context, reader int64) (string, error) {
	of, err := l.languages(ctx, reader, reader)
	return firstOf(of[reader], l.Publication.Language), err
}

// SetLanguage notes the language a reader wants letters in; "" is the publication's. Letters that come in another are
// not sent to them. Invalid for what is no tag of a language.
func (l *Newsletters) SetLanguage(ctx context.Context, reader int64, language string) error {
	if language != "" && !languageForm.MatchString(language) {
		return fault.Field("language", "expected a language such as de or pt-BR, got %q", shorten(language, 40))
	}
	err := l.db.Write(ctx, func(tx *storage.DB) error {
		if language == "" {
			_, err := tx.Exec(ctx, `DELETE FROM newsletter_languages WHERE reader = $1`, reader)
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO newsletter_languages (reader, language) SELECT id, $2 FROM readers WHERE id = $1
			ON CONFLICT (reader) DO UPDATE SET language = excluded.language`, reader, language)
		return err
	})
	if err != nil {
		return fmt.Errorf("language of reader %d: %w", reader, err)
	}
	return nil
}

// languages returns the languages of all readers with an id in a span who chose one.
func (l *Newsletters) languages(ctx context.Context, from, to int64) (map[int64]string, error) {
	rows, err := l.db.Query(ctx, `SELECT reader, language FROM newsletter_languages WHERE reader >= $1 AND reader <= $2`, from, to)
	if err != nil {
		return nil, fmt.Errorf("languages of readers: %w", err)
	}
	defer rows.Close()
	out := map[int64]string{}
	for rows.Next() {
		var reader int64
		var language string
		if err := rows.Scan(&reader, &language); err != nil {
			return nil, fmt.Errorf("languages of readers: %w", err)
		}
		out[reader] = language
	}
	return out, rows.Err()
}

// MeasureConsent is the subject of the consent to have one's clicks kept by name.
const MeasureConsent = "newsletter-clicks"

// Measuring reports whether a newsletter asks for who clicks, and whether a reader agreed to be known.
func (l *Newsletters) Measuring(ctx context.Context, reader int64) (asks, agreed bool, err error) {
	all, err := l.All(ctx)
	if err != nil {
		return false, false, err
	}
	asks = slices.ContainsFunc(all, func(n Newsletter) bool { return n.Tracking == ByReader })
	consents, err := l.Readers.Consents(ctx, reader)
	agreed = slices.ContainsFunc(consents, func(c readers.Consent) bool { return c.Subject == MeasureConsent && c.Withdrawn.IsZero() })
	return asks, agreed, err
}

// Measure notes that a reader agrees to have their clicks kept by name, in the words of wording.
func (l *Newsletters) Measure(ctx context.Context, reader int64, wording string, from netip.Prefix) error {
	return l.Readers.Consent(ctx, reader, MeasureConsent, wording, from)
}

// Unmeasure ends that, and deletes the clicks that were kept.
func (l *Newsletters) Unmeasure(ctx context.Context, reader int64) error {
	if err := l.Readers.Withdraw(ctx, reader, MeasureConsent); err != nil {
		return err
	}
	err := l.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `DELETE FROM reader_clicks WHERE reader = $1`, reader)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget the clicks of reader %d: %w", reader, err)
	}
	return nil
}
