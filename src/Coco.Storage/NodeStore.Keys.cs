using Coco.Storage.Sealing;

namespace Coco.Storage;

public sealed partial class NodeStore
{
    private readonly SemaphoreSlim _rotation = new(1, 1);

    /// <summary>
    /// Puts the store under another passphrase or key, at once or not at all. The data keys stay: who has had the old one and a copy of
    /// the file can still read what is written afterwards, until <see cref="RotateAsync"/>. Does nothing to an ephemeral store.
    /// </summary>
    public Task ChangeKeyAsync(StoreKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Task.Run(() => ChangeKey(key), cancellationToken);
    }

    /// <summary>
    /// Seals everything anew under a new data key, in small commits between those of others. What a cancellation or a crash interrupts
    /// is continued by the next rotation or opening; the store is whole and usable at every moment.
    /// </summary>
    public async Task RotateAsync(CancellationToken cancellationToken = default)
    {
        await _rotation.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(
                () =>
                {
                    while (Change(static disk => disk.Rotate())) { cancellationToken.ThrowIfCancellationRequested(); }
                },
                cancellationToken).ConfigureAwait(false);
            _logger.Rotated(_path, Change(static disk => disk.Generation));
        }
        finally
        {
            _rotation.Release();
        }
    }

    private void ChangeKey(StoreKey key)
    {
        WrapKey wrap;
        try { wrap = WrapKey.Generate(key, Options); }
        catch (InsufficientMemoryException e) { throw new StoreException(StoreError.TooCostly, _path, inner: e); }

        try
        {
            Change(disk =>
            {
                disk.ChangeKey(wrap);
                return 0;
            });
        }
        catch
        {
            wrap.Dispose();
            throw;
        }
        _logger.KeyChanged(_path);
    }

    private T Change<T>(Func<SealedDatabase, T> change)
    {
        lock (_gate)
        {
            var disk = OnDisk();
            if (_failure is not null) { throw _failure; }

            try
            {
                if (_logMustBeEmptied) { disk.Checkpoint(); }
                _logMustBeEmptied = false;
                return change(disk);
            }
            catch (StoreException e)
            {
                throw Fail(e);
            }
        }
    }
}
