namespace Coco.Data;

/// <content>Blobs: large contents that do not change, known by what they contain.</content>
public sealed partial class DataCollection
{
    /// <summary>Adds a blob. When this returns it is on this node's disk, and others can fetch it; some do by themselves (<see cref="DataOptions.BlobCopies"/>).</summary>
    /// <param name="content">What is in it, up to its end.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="CocoException">The disk is full (<see cref="CocoError.StoreFull"/>), there are too many blobs (<see cref="CocoError.Overloaded"/>), or
    /// as with <see cref="PutAsync"/>.</exception>
    public Task<BlobId> AddBlobAsync(Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        return _data.AddBlobAsync(this, content, cancellationToken);
    }

    /// <summary>Adds a file as a blob.</summary>
    /// <inheritdoc cref="AddBlobAsync(Stream, CancellationToken)"/>
    public async Task<BlobId> AddBlobAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        await using (file.ConfigureAwait(false)) { return await AddBlobAsync(file, cancellationToken).ConfigureAwait(false); }
    }

    /// <summary>Opens a blob to be read, from any place. What is not here comes from those who have it when it is read, is checked, and stays.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="cancellationToken">Ends the wait for its length.</param>
    /// <exception cref="CocoException"><see cref="CocoError.Unreachable"/>: nobody within reach has it, or had the rest; so do reads.</exception>
    public Task<Stream> OpenBlobAsync(BlobId blob, CancellationToken cancellationToken = default) => _data.OpenBlobAsync(this, blob, cancellationToken);

    /// <summary>Fetches all of a blob, and keeps it here. Where an earlier attempt stopped, it goes on.</summary>
    /// <inheritdoc cref="OpenBlobAsync"/>
    public Task PinAsync(BlobId blob, CancellationToken cancellationToken = default) => _data.PinAsync(this, blob, cancellationToken);

    /// <summary>Forgets what is here of a blob. Others keep it.</summary>
    public void Release(BlobId blob) => _data.Release(blob);

    /// <summary>Removes a blob from the collection: all who hold it delete it, unless it is in another collection there too. False where this node does
    /// not know it.</summary>
    /// <inheritdoc cref="PutAsync"/>
    public async Task<bool> RemoveBlobAsync(BlobId blob, CancellationToken cancellationToken = default) =>
        await _data.RemoveBlobAsync(this, blob, cancellationToken).ConfigureAwait(false);

    internal static string KeyOfSealed(BlobId blob) => $"{Reserved}sealed/{blob}";

    internal static BlobId? SealedOf(string key) => IsReserved(key) && key.StartsWith($"{Reserved}sealed/", StringComparison.Ordinal) && BlobId.TryParse(key[8..], out var id) ? id : null;

    /// <summary>What this node knows of a blob; null where it is not in the collection.</summary>
    public Task<BlobInfo?> StatAsync(BlobId blob, CancellationToken cancellationToken = default) => _data.StatAsync(this, blob, cancellationToken);

    /// <summary>The blobs of the collection.</summary>
    public IReadOnlyList<BlobId> Blobs => [.. _data.NamesOf(Table).Select(static name => BlobOf(name)).OfType<BlobId>().Order()];

    internal static string KeyOf(BlobId blob) => $"{Reserved}blob/{blob}";

    internal static BlobId? BlobOf(string key) => IsReserved(key) && key.StartsWith($"{Reserved}blob/", StringComparison.Ordinal) && BlobId.TryParse(key[6..], out var id) ? id : null;
}
