package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/transfer"
)

// imports is the command "import".
func (p Process) imports() *cobra.Command {
	return group("import", "Bring articles in from files", p.importJSONL())
}

func (p Process) importJSONL() *cobra.Command {
	var s source
	var strict bool
	c := &cobra.Command{
		Use:   "jsonl FILE…",
		Short: "Bring in articles from JSON Lines, plain or gzip",
		Long: `Bring in articles from JSON Lines, one article a line, plain or gzip.

The format is told in docs/import.md. A line that cannot be used is reported as
FILE:LINE: REASON and passed over. Running an import again changes nothing;
running one again that was interrupted completes it. A server may be running.

The exit code is 0 when the files were read to their ends, also when lines were
passed over; --strict makes it 1 then. It is 1 when no line at all could be used.`,
		Example: "  gatefold import jsonl --dir ./data archive/*.jsonl.gz",
		Args:    takes("FILE…"),
		RunE: func(c *cobra.Command, files []string) error {
			cfg, err := s.load(c, p.Env)
			if err != nil {
				return err
			}
			in, err := transfer.Files(files)
			if err != nil {
				return err
			}
			return p.withOptions(c.Context(), cfg, p.options(), func(j *app.Services) error {
				return p.runImport(c.Context(), j, in, strict)
			})
		},
	}
	s.flags(c)
	c.Flags().BoolVar(&strict, "strict", false, "end with 1 when any line was passed over")
	return c
}

func (p Process) runImport(ctx context.Context, j *app.Services, in []transfer.Source, strict bool) error {
	m := newMeter(p.Stderr)
	report, err := transfer.ImportJSONL(ctx, j.Library, j.Pictures(), in, func(p transfer.Progress) { m.show(importLine(p)) })
	m.clear()
	for _, b := range report.Problems {
		fmt.Fprintln(p.Stderr, b)
	}
	if report.Unlisted > 0 {
		fmt.Fprintf(p.Stderr, "and %s more lines like these\n", grouped(report.Unlisted))
	}
	for _, n := range report.Notes {
		fmt.Fprintln(p.Stderr, "note: "+n)
	}
	fmt.Fprintf(p.Stdout, "%s lines in %s: %s. The journal is in %s.\n",
		grouped(report.Lines), roughly(report.Took), report, where(j.Config))
	switch {
	case errors.Is(err, context.Canceled):
		return withHint(errInterrupted, "What was brought in stays; the same command again completes the import.")
	case err != nil:
		return err
	case report.Lines > 0 && report.Bad == report.Lines:
		return withHint(errors.New("no line could be used"), "docs/import.md tells the format.")
	case strict && report.Bad > 0:
		return fmt.Errorf("%s lines were passed over", grouped(report.Bad))
	}
	return nil
}
