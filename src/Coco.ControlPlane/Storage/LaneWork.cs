using System.Data.Common;

namespace Coco.ControlPlane.Storage;

/// <summary>One work of a lane, and who waits for it.</summary>
internal abstract class LaneWork
{
    /// <summary>Does it in a transaction that may be tried again.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="isAlone">Whether nobody else's work is in it.</param>
    /// <exception cref="Exception">It failed and left what has to be rolled back, or the database refused a statement.</exception>
    public abstract Task DoAsync(Session session, bool isAlone);

    /// <summary>Tells who waits what came of it: the transaction is committed.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

/// <inheritdoc/>
internal sealed class LaneWork<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) : LaneWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;
    private T? _result;

    public Task<T> Done => _done.Task;

    public override async Task DoAsync(Session session, bool isAlone)
    {
        (_result, _failure) = (default, null);
        var before = session.Changes;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _result = await work(session);
        }
        catch (Exception exception) when (exception is not DbException && !isAlone && session.Changes == before)
        {
            _failure = exception;
        }
    }

    public override void Complete()
    {
        if (_failure is not null) { Fail(_failure); }
        else { _done.SetResult(_result!); }
    }

    public override void Fail(Exception exception)
    {
        if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested) { _done.SetCanceled(cancellationToken); }
        else { _done.SetException(exception); }
    }
}
