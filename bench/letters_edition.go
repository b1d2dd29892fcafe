package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	netmail "net/mail"
	"strings"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/mailing"
)

// edition is a letter of about 25 KB on the wire, with links that count clicks and links that are each reader's own.
type edition struct {
	copies []*mail.Letter
}

const (
	editionItems = 15
	clickLinks   = 30
)

func newEdition() (*edition, error) {
	var html, text strings.Builder
	html.WriteString(`<!doctype html><html lang="en"><body style="margin:0;background:#fdfcf9"><table role="presentation" width="600">`)
	for i := range editionItems {
		words := strings.Repeat("The bank in the mountains keeps what the valley forgot. ", 6)
		for range clickLinks / editionItems {
			fmt.Fprintf(&html, `<tr><td style="padding:12px 24px;font-family:Georgia,serif;font-size:17px;line-height:26px;color:#1a1a1a">`+
				`<a href="https://journal.example/letters/c/%s/%d" style="color:#8f1d21">An article of the day</a> %s</td></tr>`,
				digest(i), i, words[:300])
		}
		fmt.Fprintf(&text, "An article of the day\n%s\nhttps://journal.example/letters/c/%s/%d\n\n", words, digest(i), i)
	}
	html.WriteString(`<tr><td><a href="https://journal.example/letters/preferences/` + mail.Hole("preferences") + `">Preferences</a> ` +
		`<a href="https://journal.example/letters/leave/` + mail.Hole("leave") + `">Unsubscribe</a></td></tr></table></body></html>`)
	text.WriteString("Preferences: https://journal.example/letters/preferences/" + mail.Hole("preferences") +
		"\nUnsubscribe: https://journal.example/letters/leave/" + mail.Hole("leave") + "\n")
	letter, err := mail.CompileLetter(mail.LetterSource{
		From: netmail.Address{Name: "Gatefold Journal", Address: "letters@journal.example"}, Subject: "Today’s articles",
		HTML: html.String(), Text: text.String(),
		Headers: []mail.Header{
			{Name: "List-Id", Value: "Today's articles <daily.journal.example>"},
			{Name: "List-Unsubscribe", Value: "<https://journal.example/letters/leave/" + mail.Hole("leave") + ">, <mailto:leave+" + mail.Hole("leave") + "@journal.example>"},
			{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"},
			{Name: "Feedback-ID", Value: "1:daily:letters:journal"},
		},
	})
	if err != nil {
		return nil, err
	}
	return &edition{copies: []*mail.Letter{letter}}, nil
}

func (e *edition) size() int { return e.copies[0].Size() }

// Compile implements mailing.Letters.
func (e *edition) Compile(context.Context, mailing.Mailing) (mailing.Compiled, error) {
	return mailing.Compiled{Copies: e.copies}, nil
}

// Recipients implements mailing.Letters. The readers are at as many domains as those of a large list: half at four.
func (e *edition) Recipients(_ context.Context, _ mailing.Mailing, readers []int64) ([]mailing.Recipient, error) {
	list := make([]mailing.Recipient, 0, len(readers))
	for _, r := range readers {
		domain := fmt.Sprintf("d%d.example", r%1000)
		if r%2 == 0 {
			domain = fmt.Sprintf("large%d.example", r%8)
		}
		list = append(list, mailing.Recipient{Reader: r, Address: fmt.Sprintf("r%d@%s", r, domain), Name: "A Reader", Values: valuesOf(r)})
	}
	return list, nil
}

func valuesOf(reader int64) map[string]string {
	token := digest(int(reader))
	return map[string]string{"preferences": "p" + token, "leave": "l" + token}
}

func digest(n int) string {
	sum := sha256.Sum256(fmt.Append(nil, n))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// benchSigner makes a key and signs with it.
func benchSigner(kind string) (mail.Signer, error) {
	text, err := mail.GenerateDKIMKey(kind)
	if err != nil {
		return nil, err
	}
	key, err := mail.ParseDKIMKey("bench", text)
	if err != nil {
		return nil, err
	}
	return mail.NewDKIM("journal.example", key)
}
