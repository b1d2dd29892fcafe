package newsroom

import (
	"embed"
	"errors"
	"io/fs"
)

// bundle is the rich editor as `make` bundles it from editor/src. Where there was no Node to bundle it, the folder holds a
// marker and nothing else, and the writing screen is its form of Markdown.
//
//go:embed editor/dist
var bundle embed.FS

// editorAsset is the rich editor's script.
const editorAsset = "editor.js"

// addEditor puts the rich editor's script among the assets, when it is there.
func (n *Newsroom) addEditor() error {
	script, err := bundle.ReadFile("editor/dist/" + editorAsset)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		n.kit.Assets.Add(editorAsset, script)
		n.rich = true
	}
	return err
}
