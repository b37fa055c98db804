package files

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/s3blob"
)

// S3 says how a bucket is reached. Other than in a folder, several storage processes on several machines can share it.
type S3 struct {
	// Endpoint is for stores other than Amazon's.
	Endpoint string `doc:"address of the S3 store, such as https://s3.example.com; empty for Amazon's"`
	Region   string `default:"us-east-1" doc:"region of the bucket"`
	// AccessKey and SecretKey are given both, or none.
	AccessKey string `doc:"access key; empty: what the environment has, such as a role of the pod"`
	SecretKey string `secret:"true" doc:"secret of the access key"`
	PathStyle bool   `default:"false" doc:"the bucket's name stands in the path and not in the host, which stores of one's own often need"`
	CAFile    string `doc:"authority of the endpoint's certificate, PEM; empty for those of the machine"`
}

// Validate reports every bad field at once.
func (c S3) Validate() error {
	var errs []error
	if u, err := url.Parse(c.Endpoint); c.Endpoint != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		errs = append(errs, errors.New("Endpoint must be like https://s3.example.com"))
	}
	if (c.AccessKey == "") != (c.SecretKey == "") {
		errs = append(errs, errors.New("AccessKey and SecretKey belong together"))
	}
	return errors.Join(errs...)
}

// CheckURL refuses what OpenBucket cannot open.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err == nil && u.Scheme == "file" && u.Host == "" && len(u.Path) > 1:
		return nil
	case err == nil && u.Scheme == "s3" && u.Host != "" && u.RawQuery == "" && u.User == nil:
		return nil
	}
	return errors.New("FilesURL must be like file:///folder, s3://bucket or s3://bucket/prefix")
}

// OpenBucket opens a folder, file:///folder, or a bucket of an S3 store, s3://bucket/prefix.
func OpenBucket(ctx context.Context, address string, c S3) (*blob.Bucket, error) {
	if err := CheckURL(address); err != nil {
		return nil, err
	}
	if folder, ok := strings.CutPrefix(address, "file://"); ok {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("make folder of files: %w", err)
		}
		// Temporary files lie beside the others: a rename between file systems would not be atomic.
		bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
		if err != nil {
			return nil, fmt.Errorf("open folder of files: %w", err)
		}
		return bucket, nil
	}
	name, prefix, _ := strings.Cut(strings.TrimPrefix(address, "s3://"), "/")
	client, err := c.client(ctx)
	if err != nil {
		return nil, err
	}
	bucket, err := s3blob.OpenBucket(ctx, client, name, nil)
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", name, err)
	}
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		bucket = blob.PrefixedBucket(bucket, prefix+"/")
	}
	return bucket, nil
}

func (c S3) client(ctx context.Context) (*s3.Client, error) {
	web := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.TLSClientConfig.MinVersion = tls.VersionTLS13
		t.MaxIdleConnsPerHost = 64
	})
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithRegion(c.Region), awsconfig.WithHTTPClient(web)}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read the authority of the S3 store: %w", err)
		}
		options = append(options, awsconfig.WithCustomCABundle(bytes.NewReader(pem)))
	}
	if c.AccessKey != "" {
		options = append(options, awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, "")))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("configure the S3 store: %w", err)
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = c.PathStyle
		if c.Endpoint != "" {
			o.BaseEndpoint = aws.String(c.Endpoint)
		}
		// Not every store knows the newer checksums; what is stored is authenticated by its encryption.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}), nil
}
