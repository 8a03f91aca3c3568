package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
)

// maxPixels is the largest side of a PNG that is decoded, in pixels.
const maxPixels = 4096

// chunks are those of a PNG that are its picture: no text, no EXIF data, no
// animation.
var chunks = set("IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD hIST pHYs")

const pngHead = "\x89PNG\r\n\x1a\n"

// CheckPNG returns what a PNG, whose header has been read, is besides a picture; the
// text is empty where it is nothing else, and completes "the logo …".
func CheckPNG(data []byte, config image.Config) string {
	if config.Width > maxPixels || config.Height > maxPixels {
		return "is larger than 4096 pixels a side"
	}
	rest := data[len(pngHead):]
	for ended := false; len(rest) > 0; {
		if ended {
			return "goes on after the picture's end"
		}
		if len(rest) < 12 {
			return "is cut off"
		}
		size := uint64(binary.BigEndian.Uint32(rest))
		kind := string(rest[4:8])
		if !chunks[kind] {
			return "holds the part " + shortly(kind) + ", which is none of a still picture: export it without metadata"
		}
		if size+12 > uint64(len(rest)) {
			return "is cut off"
		}
		rest, ended = rest[size+12:], kind == "IEND"
	}
	if _, err := png.Decode(bytes.NewReader(data)); err != nil {
		return "cannot be decoded"
	}
	return ""
}
