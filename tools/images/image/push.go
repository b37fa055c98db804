package image

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// sbomType is the media type of a bill of materials.
const sbomType = types.MediaType("application/spdx+json")

// Push uploads the image to the registry that ref names, with the credentials that container engines use, and the bill of
// materials as an artifact that refers to it.
func Push(ctx context.Context, ref string, img v1.Image, sbom []byte) error {
	tag, err := name.ParseReference(ref)
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
	if err := remote.Write(tag, img, options...); err != nil {
		return fmt.Errorf("push %s: %w", ref, err)
	}
	subject, err := partial.Descriptor(img)
	if err != nil {
		return fmt.Errorf("push the bill of materials of %s: %w", ref, err)
	}
	// The type of the configuration is that of the artifact.
	artifact := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), sbomType)
	if artifact, err = mutate.AppendLayers(artifact, static.NewLayer(sbom, sbomType)); err != nil {
		return fmt.Errorf("push the bill of materials of %s: %w", ref, err)
	}
	artifact, ok := mutate.Subject(artifact, *subject).(v1.Image)
	if !ok {
		return fmt.Errorf("push the bill of materials of %s: it is no image", ref)
	}
	digest, err := artifact.Digest()
	if err != nil {
		return fmt.Errorf("push the bill of materials of %s: %w", ref, err)
	}
	if err := remote.Write(tag.Context().Digest(digest.String()), artifact, options...); err != nil {
		return fmt.Errorf("push the bill of materials of %s: %w", ref, err)
	}
	return nil
}
