package peers

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// chunk is how many bytes of a file go in one message.
const chunk = 1 << 20

// Files reaches the files of storage.
type Files struct {
	client storagev1.FilesClient
}

var _ step.Files = (*Files)(nil)

// NewFiles reaches storage over a connection.
func NewFiles(conn grpc.ClientConnInterface) *Files {
	return &Files{client: storagev1.NewFilesClient(conn)}
}

// Info describes a file.
func (f *Files) Info(ctx context.Context, id string) (step.FileInfo, error) {
	file, err := f.client.GetFile(ctx, &storagev1.GetFileRequest{File: id})
	if err != nil {
		return step.FileInfo{}, fmt.Errorf("read file: %w", err)
	}
	return fileInfo(file), nil
}

func fileInfo(f *storagev1.File) step.FileInfo {
	return step.FileInfo{
		ID: f.GetId(), Name: f.GetName(), ContentType: f.GetContentType(), Size: f.GetSize(),
		CreateTime: f.GetCreateTime().AsTime(), CreatorSubject: f.GetCreatorSubject(),
	}
}

// Read returns the whole content of a file of at most limit bytes.
func (f *Files) Read(ctx context.Context, id string, limit int64) ([]byte, step.FileInfo, error) {
	ctx, cancel := context.WithCancel(ctx) // ends the stream when the file is too large
	defer cancel()
	stream, err := f.client.DownloadFile(ctx, &storagev1.DownloadFileRequest{File: id})
	if err != nil {
		return nil, step.FileInfo{}, fmt.Errorf("read file: %w", err)
	}
	var info step.FileInfo
	var content []byte
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return content, info, nil
		}
		if err != nil {
			return nil, step.FileInfo{}, fmt.Errorf("read file: %w", err)
		}
		if part.GetFile() != nil {
			info = fileInfo(part.GetFile())
		}
		if max(info.Size, int64(len(content)+len(part.GetChunk()))) > limit {
			return nil, step.FileInfo{}, fault.FailedPrecondition(faultv1.Reason_REASON_FILE_TOO_LARGE,
				fmt.Sprintf("the file is larger than %d MiB, the most that a step reads", limit>>20))
		}
		content = append(content, part.GetChunk()...)
	}
}

// Store uploads a file.
func (f *Files) Store(ctx context.Context, name, contentType string, content []byte) (step.FileInfo, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := f.client.UploadFile(ctx)
	if err != nil {
		return step.FileInfo{}, fmt.Errorf("store file: %w", err)
	}
	parts := []*storagev1.UploadFileRequest{{Part: &storagev1.UploadFileRequest_Header{
		Header: &storagev1.UploadHeader{Name: name, ContentType: contentType, Size: int64(len(content))},
	}}}
	for len(content) > 0 {
		n := min(len(content), chunk)
		parts = append(parts, &storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Chunk{Chunk: content[:n]}})
		content = content[n:]
	}
	for _, part := range parts {
		if err := stream.Send(part); errors.Is(err, io.EOF) {
			break // why is in the answer
		} else if err != nil {
			return step.FileInfo{}, fmt.Errorf("store file: %w", err)
		}
	}
	file, err := stream.CloseAndRecv()
	if err != nil {
		return step.FileInfo{}, fmt.Errorf("store file: %w", err)
	}
	return fileInfo(file), nil
}
