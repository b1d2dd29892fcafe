package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
)

// The first parts of the addresses of terms, with the kind each is.
var termKinds = []struct {
	path string
	kind library.TermKind
}{
	{"sections", library.Section}, {"topics", library.Topic}, {"countries", library.Country}, {"regions", library.Region},
	{"contributors", library.Byline}, {"series", library.Series},
}

// term is the command "term".
func (p Process) term() *cobra.Command {
	return group("term", "Introduce sections, topics, countries, regions, contributors, series",
		p.listTerms(), p.showTerm(), p.introduceTerm())
}

func (p Process) listTerms() *cobra.Command {
	c := &cobra.Command{
		Use:   "list KIND",
		Short: "List terms: address, articles, name, parted by tabs",
		Long:  "List the terms of a kind under which readers find articles: address, number of\narticles and name, parted by tabs. KIND is " + kindsText() + ".",
		Args:  takes("KIND"),
	}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		kind, err := kindOf(c, args[0])
		if err != nil {
			return err
		}
		terms, err := j.Library.Terms(ctx, kind)
		if err != nil {
			return err
		}
		for _, t := range terms {
			if _, err := fmt.Fprintf(p.Stdout, "%s/%s\t%d\t%s\n", args[0], t.Slug, t.Articles, t.Name); err != nil {
				return err
			}
		}
		if len(terms) == 0 {
			fmt.Fprintf(p.Stderr, "No %s in %s.\n", args[0], where(j.Config))
		}
		return nil
	})
}

func (p Process) showTerm() *cobra.Command {
	c := &cobra.Command{
		Use:     "show TERM",
		Short:   "Show what a term's page says of it",
		Long:    "Show a term: its name, its description, and its introduction as it was written.\nTERM is its address, as topics/water.",
		Example: "  gatefold term show topics/water",
		Args:    takes("TERM"),
	}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		kind, slug, err := termAddress(c, args[0])
		if err != nil {
			return err
		}
		t, err := j.Library.Term(ctx, kind, slug)
		if err != nil {
			return noTerm(j, args[0], err)
		}
		about, err := j.Library.Introduction(ctx, t.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "%s\n", t.Name)
		if t.Description != "" {
			fmt.Fprintf(p.Stdout, "%s\n", t.Description)
		}
		if about.Source != "" {
			_, err = fmt.Fprintf(p.Stdout, "\n%s\n", about.Source)
		}
		return err
	})
}

func (p Process) introduceTerm() *cobra.Command {
	c := &cobra.Command{
		Use:   "introduce TERM FILE",
		Short: "Write the introduction of a term's page",
		Long: `Write the introduction that opens the page of a term, over its articles. FILE
holds it in Markdown; "-" reads it from the standard input. An empty one takes
the introduction away. TERM is its address, as topics/water. A running server
shows it within seconds.`,
		Example: "  gatefold term introduce topics/water water.md",
		Args:    takes("TERM", "FILE"),
	}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		kind, slug, err := termAddress(c, args[0])
		if err != nil {
			return err
		}
		text, err := p.readText(args[1])
		if err != nil {
			return err
		}
		if err := j.Library.Introduce(ctx, kind, slug, string(text)); err != nil {
			return noTerm(j, args[0], err)
		}
		_, err = fmt.Fprintf(p.Stdout, "%s/%s is introduced.\n", j.Config.Origin(), args[0])
		return err
	})
}

// mostText bounds what is read of a text, in bytes. The library says what is too long for an introduction.
const mostText = 1 << 20

// readText reads a file, or the standard input for "-".
func (p Process) readText(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(p.Stdin, mostText))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, mostText))
}

// kindOf reads a kind of term as addresses have it.
func kindOf(c *cobra.Command, path string) (library.TermKind, error) {
	for _, k := range termKinds {
		if k.path == path {
			return k.kind, nil
		}
	}
	return "", misuse(c, "expected %s, got %q", kindsText(), path)
}

func kindsText() string {
	var all []string
	for _, k := range termKinds {
		all = append(all, k.path)
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}

// termAddress reads "topics/water".
func termAddress(c *cobra.Command, address string) (library.TermKind, string, error) {
	path, slug, ok := strings.Cut(address, "/")
	if !ok || slug == "" {
		return "", "", misuse(c, "expected an address such as topics/water, got %q", address)
	}
	kind, err := kindOf(c, path)
	return kind, slug, err
}

// noTerm adds to a term that is not there how to find one.
func noTerm(j *app.Services, address string, err error) error {
	if fault.Is(err, fault.NotFound) {
		path, _, _ := strings.Cut(address, "/")
		return withHint(fmt.Errorf("there is nothing at %s", address), "\"gatefold term list %s\" lists what is in %s.", path, where(j.Config))
	}
	return err
}
