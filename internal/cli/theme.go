package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/web"
)

func (s *source) themeFlag(c *cobra.Command) {
	c.Flags().StringVar(&s.theme, "theme", "", "`DIR` of templates and styles that stand in for those built in")
}

// theme is the command "theme".
func (p Process) theme() *cobra.Command {
	return group("theme", "Change the looks", p.exportTheme())
}

func (p Process) exportTheme() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "export DIR",
		Short: "Write the templates, styles, scripts and texts built in into a folder",
		Long: `Write the templates, styles, scripts and texts built in into a folder.

Change what is to look different, delete the rest, and start with --theme DIR:
files of the folder stand in for those of the same name. They are checked at
start; a fault is reported with its file and line.`,
		Args: takes("DIR"),
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := export(web.Files, args[0], force)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "%d files written to %s. Try them with: gatefold demo --theme %[2]s …\n", n, args[0])
			return err
		},
	}
	c.Flags().BoolVar(&force, "force", false, "write over files that are there")
	return c
}

// export writes all files of a tree into a folder and returns how many. Unless forced it writes nothing when one of
// them is there.
func export(files fs.FS, dir string, force bool) (n int, err error) {
	var names []string
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names = append(names, name)
		target := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Lstat(target); err == nil && !force {
			return withHint(fmt.Errorf("%s is there already", target), "--force writes over it; nothing was written.")
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return n, err
		}
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return n, err
		}
		if err := os.WriteFile(target, text, 0o644); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
