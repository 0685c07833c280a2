using Coco.Crypto;
using Coco.Topics.Core;
using Coco.Transport.Loop;

namespace Coco.Topics;

/// <summary>Messages between the loop that hears them and the app that takes them, many at a time.</summary>
/// <param name="maxCount">Messages that may wait.</param>
/// <param name="maxLength">Bytes that may wait.</param>
/// <param name="reportsMissed">Whether what is missed is a message of its own.</param>
/// <param name="confirms">Whether the reader says itself what it has.</param>
internal sealed class TopicInbox(int maxCount, int maxLength, bool reportsMissed, bool confirms) : ITopicInbox
{
    // Chosen: messages whose publisher waits go beyond the limit by as much again before they are missed, too.
    private const int Reserve = 2;

    private readonly GuestRecord _record = new();
    private readonly Lock _lock = new(); // guards what follows
    private List<TopicMessage> _filling = [];
    private List<TopicMessage> _spare = [];
    private Waiting? _waiting;
    private long _length;
    private long _missed;
    private bool _isOver;

    /// <summary>How many were missed so far.</summary>
    public long Missed { get; private set; }

    public bool TryAdd(TopicMessage message, bool isAcknowledged)
    {
        lock (_lock)
        {
            if (_isOver) { return true; }
            var factor = isAcknowledged ? Reserve : 1;
            if (_filling.Count >= (long)maxCount * factor || _length + message.Data.Length > (long)maxLength * factor)
            {
                Miss(message.Topic, message.Publisher, 1);
                return false;
            }
            if (_missed > 0 && !reportsMissed)
            {
                message = message.With(_missed);
                _missed = 0;
            }
            if (confirms) { message.Asked?.Hold(); }
            _filling.Add(message);
            _length += message.Data.Length;
            Wake();
            return true;
        }
    }

    public void AddMissed(string topic, NodeId publisher, long count)
    {
        lock (_lock) { Miss(topic, publisher, count); }
    }

    /// <summary>Waits for messages and takes all that are there. Null at the end.</summary>
    public async ValueTask<List<TopicMessage>?> TakeAsync(List<TopicMessage>? taken, CancellationToken cancellationToken)
    {
        Task<bool>? waiting = null;
        lock (_lock)
        {
            if (taken is not null)
            {
                // Whoever stops waiting below still holds it: it is emptied, and may come back again.
                taken.Clear();
                if (_filling != taken) { _spare = taken; }
            }
            if (_filling.Count == 0)
            {
                if (_isOver) { return null; }
                waiting = (_waiting ??= new(_record)).Task;
            }
            else if (!EndpointLoop.IsGuest) { return Take(); }
        }
        // Where more has come already there may be no end to it: the endpoint's thread has other things to do.
        if (waiting is null) { await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); }
        else if (!await waiting.WaitAsync(cancellationToken).ConfigureAwait(false)) { return null; }
        lock (_lock) { return Take(); }
    }

    public void Complete()
    {
        lock (_lock)
        {
            _isOver = true;
            Wake();
        }
    }

    private List<TopicMessage> Take()
    {
        var all = _filling;
        (_filling, _spare) = (_spare == all ? [] : _spare, []);
        _length = 0;
        return all;
    }

    private void Miss(string topic, NodeId publisher, long count)
    {
        Missed += count;
        _missed += count;
        if (!reportsMissed) { return; }
        // One item for all that is missed in a row, so that a reader who is slow is not told more often than it reads.
        var isLast = _filling is [.., { Missed: > 0, Data.IsEmpty: true }];
        var gap = new TopicMessage(topic, publisher, default, default, isRetained: false, _missed);
        if (isLast) { _filling[^1] = new TopicMessage(topic, publisher, default, default, isRetained: false, _filling[^1].Missed + count); }
        else { _filling.Add(gap); }
        _missed = 0;
        Wake();
    }

    private void Wake()
    {
        if (_waiting is not { } waiting) { return; }
        _waiting = null;
        waiting.HasMessages = _filling.Count > 0;
        EndpointLoop.GoOn(waiting);
    }

    /// <summary>A reader that waits. It goes on where <see cref="Execute"/> is called.</summary>
    private sealed class Waiting(GuestRecord record) : TaskCompletionSource<bool>, ILoopGuest
    {
        public GuestRecord Record => record;

        public bool HasMessages { get; set; }

        public void Execute() => TrySetResult(HasMessages);
    }
}
