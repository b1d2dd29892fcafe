package newsletters

import (
	"context"
	"fmt"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
)

// The classes an edition is cut for: a standing that letters tell apart, and with it what may be read. The number of a
// class is that of its copy.
const (
	classReader = iota // confirmed, and no more
	classPaid          // reads everything, without advertising
	classes
)

// classOf is the class of a standing.
func classOf(s access.Standing) int {
	if s >= access.Paid {
		return classPaid
	}
	return classReader
}

// admitClass asks the wall for a class, and for what readers of it opened beyond that.
func (l *Newsletters) admitClass(class int, opened access.Opened) Admit {
	return func(_ context.Context, a access.Article) (access.Decision, error) {
		if class == classPaid {
			return l.Gate.AdmitClass(access.Paid, access.BySubscription, a), nil
		}
		return l.Gate.AdmitOpened(opened, a), nil
	}
}

// A written letter is a copy before its holes are filled.
type writtenLetter struct {
	subject, html, text string
}

// write cuts an edition and puts it on paper. When it would be longer than mail programs show, texts are cut to their
// openings from the last on, until it fits.
func (l *Newsletters) write(ctx context.Context, m material, c cutting, k *links) (writtenLetter, View, error) {
	for {
		v, err := l.cut(ctx, m, c)
		if err != nil {
			return writtenLetter{}, v, err
		}
		html, text, err := l.paper.write(v, k)
		if err != nil {
			return writtenLetter{}, v, err
		}
		switch {
		case len(html) <= mail.MostHTML:
			return writtenLetter{m.document.Subject, html, text}, v, nil
		case v.fulls() == 0:
			return writtenLetter{}, v, fault.Field("edition", "the letter has %d bytes of HTML, and mail programs cut off what is over %d: shorten it",
				len(html), mail.MostHTML)
		}
		c.short++
	}
}

// try writes an edition in every way it is cut, so that what cannot be sent is known before it is approved.
func (l *Newsletters) try(ctx context.Context, e Edition) error {
	m, err := l.gather(ctx, e)
	if err != nil {
		return err
	}
	if err := m.document.check(); err != nil {
		return err
	}
	for class := range classes {
		w, v, err := l.write(ctx, m, cutting{admit: l.admitClass(class, access.Opened{})}, l.newLinks(e, m.newsletter.Tracking))
		if err != nil {
			return err
		}
		if v.Empty() {
			return fault.Field("edition", "Nothing stands in the edition: its articles cannot be seen.")
		}
		if _, err := l.compile(m.newsletter, e, w); err != nil {
			return err
		}
	}
	return nil
}

// compile makes the letter of a copy.
func (l *Newsletters) compile(n Newsletter, e Edition, w writtenLetter) (*mail.Letter, error) {
	from := l.Publication.From
	from.Name = firstOf(n.Sender, l.Publication.Name, from.Name)
	return mail.CompileLetter(mail.LetterSource{From: from, ReplyTo: l.Publication.ReplyTo, Subject: w.subject, HTML: w.html, Text: w.text,
		Headers: l.headers(n, e)})
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// headers tell mail programs what the letter is and how it is left (RFC 2369, RFC 2919, RFC 8058).
func (l *Newsletters) headers(n Newsletter, e Edition) []mail.Header {
	host := "localhost"
	if u, err := url.Parse(l.Publication.Origin); err == nil {
		host = u.Hostname()
	}
	leave := "<" + l.Publication.Origin + "/unsubscribe/" + mail.Hole(holeUnsubscribe) + ">"
	if d := l.Publication.MailDomain; d != "" {
		leave += ", <mailto:unsubscribe+" + mail.Hole(holeUnsubscribe) + "@" + d + "?subject=unsubscribe>"
	}
	list := []mail.Header{
		{Name: "List-Id", Value: n.listName() + " <" + n.Slug + "." + host + ">"},
		{Name: "List-Unsubscribe", Value: leave},
		{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"},
		{Name: "Feedback-ID", Value: fmt.Sprintf("%d:%s:newsletter:%s", e.ID, n.Slug, strings.ReplaceAll(host, ".", "-"))},
	}
	if n.Archived {
		list = append(list, mail.Header{Name: "List-Archive", Value: "<" + l.Publication.Origin + "/newsletters/" + n.Slug + ">"})
	}
	return list
}

// listName is the name of the newsletter as List-Id has it: ASCII, without what would end it.
func (n Newsletter) listName() string {
	return `"` + strings.Map(func(r rune) rune {
		switch {
		case r == '’':
			return '\''
		case r < ' ' || r > '~' || r == '"' || r == '\\' || r == '<' || r == '>':
			return -1
		}
		return r
	}, n.Name) + `"`
}

// prepared is an edition on its way: its material, and the copies made so far.
type prepared struct {
	material
	terms map[string]map[int64]bool // of each article in an Articles block: what it is filed under

	mu     sync.Mutex
	copies map[string]*mail.Letter
}

// copies keeps the editions that are under way on this node.
type copies struct {
	mu   sync.Mutex
	kept []*prepared // the last used at the end
}

// Bounds of what is kept: editions under way, and copies of one for readers who chose among its articles.
const (
	preparedMost = 4
	copiesMost   = 200
)

// prepare returns an edition with its copies by class, made once a node.
func (l *Newsletters) prepare(ctx context.Context, id int64) (*prepared, error) {
	l.copies.mu.Lock()
	defer l.copies.mu.Unlock()
	for _, p := range l.copies.kept {
		if p.edition.ID == id {
			return p, nil
		}
	}
	e, err := l.Edition(ctx, id)
	if err != nil {
		return nil, err
	}
	p := &prepared{copies: map[string]*mail.Letter{}, terms: map[string]map[int64]bool{}}
	if p.material, err = l.gather(ctx, e); err != nil {
		return nil, err
	}
	for slug, a := range p.articles {
		p.terms[slug] = termsOf(a)
	}
	for class := classes - 1; class >= 0; class-- { // the fullest first: it has the most links
		if _, err := l.copy(ctx, p, class, access.Opened{}, nil); err != nil {
			return nil, err
		}
	}
	if len(l.copies.kept) >= preparedMost {
		l.copies.kept = l.copies.kept[1:]
	}
	l.copies.kept = append(l.copies.kept, p)
	return p, nil
}

// forget drops what is kept of an edition.
func (l *Newsletters) forget(id int64) {
	l.copies.mu.Lock()
	defer l.copies.mu.Unlock()
	l.copies.kept = slices.DeleteFunc(l.copies.kept, func(p *prepared) bool { return p.edition.ID == id })
}

// termsOf are the topics, countries and contributors of an article.
func termsOf(a library.Article) map[int64]bool {
	out := map[int64]bool{}
	for _, t := range a.Topics {
		out[t.ID] = true
	}
	for _, t := range a.Countries {
		out[t.ID] = true
	}
	for _, c := range a.Byline {
		out[c.ID] = true
	}
	return out
}

// copy returns the letter of a class, with the texts of what its readers opened in full, and with all articles or with
// those chosen (by slug) in its Articles blocks. The links of the copy are kept before it is given away: none may lead
// nowhere.
func (l *Newsletters) copy(ctx context.Context, p *prepared, class int, opened access.Opened, chosen []string) (*mail.Letter, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := fmt.Sprint(class, opened.Articles(), chosen)
	if c := p.copies[key]; c != nil {
		return c, nil
	}
	c := cutting{admit: l.admitClass(class, opened)}
	if chosen != nil {
		c.wanted = func(a library.Article) bool { return slices.Contains(chosen, a.Slug) }
	}
	const tries = 3 // another node may give out the same numbers meanwhile
	for try := 1; ; try++ {
		k, err := l.linksOf(ctx, p.edition, p.newsletter.Tracking)
		if err != nil {
			return nil, err
		}
		known := len(k.urls)
		w, _, err := l.write(ctx, p.material, c, k)
		if err != nil {
			return nil, fmt.Errorf("write edition %d: %w", p.edition.ID, err)
		}
		whole, err := l.keepLinks(ctx, p.edition.ID, k, known)
		if err != nil {
			return nil, err
		}
		if !whole && try < tries {
			continue
		}
		letter, err := l.compile(p.newsletter, p.edition, w)
		if err != nil {
			return nil, fmt.Errorf("compile edition %d: %w", p.edition.ID, err)
		}
		if len(p.copies) >= copiesMost {
			clear(p.copies)
		}
		p.copies[key] = letter
		return letter, nil
	}
}

// linksOf returns the links of an edition with the numbers they have been given.
func (l *Newsletters) linksOf(ctx context.Context, e Edition, t Tracking) (*links, error) {
	k := l.newLinks(e, t)
	rows, err := l.db.Query(ctx, `SELECT link, url FROM edition_links WHERE edition = $1 ORDER BY link`, e.ID)
	if err != nil {
		return nil, fmt.Errorf("links of edition %d: %w", e.ID, err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var address string
		if err := rows.Scan(&n, &address); err != nil {
			return nil, fmt.Errorf("links of edition %d: %w", e.ID, err)
		}
		for len(k.urls) <= n {
			k.urls = append(k.urls, "")
		}
		k.urls[n], k.numbers[address] = address, n
	}
	return k, rows.Err()
}

// keepLinks writes the links from a number on. It reports whether all of them have the numbers that were given out.
func (l *Newsletters) keepLinks(ctx context.Context, edition int64, k *links, from int) (whole bool, err error) {
	if len(k.urls) == from {
		return true, nil
	}
	err = l.db.Write(ctx, func(tx *storage.DB) error {
		whole = true
		for n := from; n < len(k.urls); n++ {
			m, err := tx.Exec(ctx, `INSERT INTO edition_links (edition, link, url) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
				edition, n, k.urls[n])
			if err != nil {
				return err
			}
			whole = whole && m == 1
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("keep the links of edition %d: %w", edition, err)
	}
	return whole, nil
}

// Preview is a copy as one reader would get it, with nothing counted.
type Preview struct {
	Subject, HTML, Text string
	To                  netmail.Address
}

// Preview writes a reader's own copy of an edition, cut to what they may read now; for reader 0, that of a subscriber.
// Its links lead where they say, and what would leave or change something has no token.
func (l *Newsletters) Preview(ctx context.Context, e Edition, reader int64) (Preview, error) {
	m, err := l.gather(ctx, e)
	if err != nil {
		return Preview{}, fmt.Errorf("preview edition %d: %w", e.ID, err)
	}
	c, out := cutting{admit: l.admitClass(classPaid, access.Opened{})}, Preview{}
	if reader != 0 {
		who, err := l.describe(ctx, m.newsletter, reader)
		if err != nil {
			return Preview{}, fmt.Errorf("preview edition %d: %w", e.ID, err)
		}
		out.To = netmail.Address{Name: who.Name, Address: who.Address}
		opened, err := l.Gate.OpenedAmong(ctx, []int64{reader}, m.read())
		if err != nil {
			return Preview{}, fmt.Errorf("preview edition %d: %w", e.ID, err)
		}
		c.admit = l.admitClass(classOf(who.standing), opened[reader])
		if who.choice.followed {
			c.wanted = func(a library.Article) bool { return who.wants(termsOf(a)) }
		}
	}
	w, _, err := l.write(ctx, m, c, l.newLinks(e, Off))
	if err != nil {
		return Preview{}, fmt.Errorf("preview edition %d: %w", e.ID, err)
	}
	fill := strings.NewReplacer(mail.Hole(holeUnsubscribe), "preview", mail.Hole(holePreferences), "preview", mail.Hole(holeClick), "0")
	out.Subject, out.HTML, out.Text = w.subject, fill.Replace(w.html), fill.Replace(w.text)
	return out, nil
}

// describe returns what is true of a reader for a newsletter, whether or not they have it.
func (l *Newsletters) describe(ctx context.Context, n Newsletter, reader int64) (*member, error) {
	who, err := l.Readers.Reader(ctx, reader)
	if err != nil {
		return nil, err
	}
	ids := []int64{reader}
	plans, err := l.Plans.ActiveAmong(ctx, ids, l.now())
	if err != nil {
		return nil, err
	}
	choices, err := l.choicesAmong(ctx, n.ID, ids)
	if err != nil {
		return nil, err
	}
	m := &member{Reader: who, plan: plans[reader], choice: choices[reader], standing: access.Reader}
	switch {
	case who.Staff:
		m.standing = access.Newsroom
	case m.plan.Grant != access.None:
		m.standing = access.Paid
	}
	if m.choice.followed && l.Follows != nil {
		m.follows, err = l.Follows.Following(ctx, reader)
	}
	return m, err
}
