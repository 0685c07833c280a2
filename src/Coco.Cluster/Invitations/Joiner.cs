using Coco.Crypto;

namespace Coco.Cluster.Invitations;

/// <summary>
/// The holder's side of a ticket: calls the sponsors one after the other until one lets it in, one says for good that it will not, or
/// time is up. It believes nobody who has not shown to know the ticket, in this channel.
/// </summary>
internal sealed class Joiner
{
    private readonly Ticket _ticket;
    private readonly TicketKey _key;
    private readonly NodeId _self;
    private readonly JoinWish _wish;
    private readonly IWelcomeVerifier _verifier;
    private readonly JoinerOptions _options;
    private readonly TimeSpan _giveUpAt;
    private readonly Queue<JoinerOutput> _outputs = [];
    private readonly List<ReadOnlyMemory<byte>> _frames = [];
    private readonly List<ReadOnlyMemory<byte>> _statements = [];
    private JoinBinding? _binding;
    private byte[] _joinHash = [];
    private WelcomeMessage? _welcome;
    private JoinRefusal _lastRefusal = JoinRefusal.NoAnswer;
    private int _attempts;
    private bool _isCalling;
    private int _statementBytes;

    public Joiner(Ticket ticket, NodeId self, JoinWish wish, IWelcomeVerifier verifier, JoinerOptions options, TimeSpan now)
    {
        (_ticket, _key, _self, _wish, _verifier, _options) = (ticket, ticket.Secret.DeriveKey(), self, wish, verifier, options);
        _giveUpAt = now + options.GiveUpAfter;
        Call(now);
    }

    public bool IsFinished { get; private set; }

    public TimeSpan Deadline { get; private set; }

    private TicketSponsor CurrentSponsor => _ticket.Sponsors[(_attempts - 1) % _ticket.Sponsors.Count];

    /// <summary>The call that was asked for is answered. The exporter is the channel's, under <see cref="JoinBinding.ExporterLabel"/>.</summary>
    public void HandleChannel(NodeId sponsor, ReadOnlyMemory<byte> exporter, TimeSpan now)
    {
        if (!_isCalling || _binding is not null) { return; }
        if (sponsor != CurrentSponsor.Id)
        {
            EndAttempt(JoinRefusal.SponsorNotProved, now);
            return;
        }
        var binding = new JoinBinding(exporter, _self, sponsor);
        var join = new JoinRequest(_ticket.Id, _wish).Prove(_key, binding);
        (_binding, _joinHash) = (binding, JoinRequest.HashOf(join));
        _outputs.Enqueue(new JoinerOutput.Send(new(JoinFrameType.Join, join)));
    }

    public void HandleFrame(in JoinFrame frame, TimeSpan now)
    {
        if (_binding is not { } binding || IsFinished) { return; }
        switch (frame.Type)
        {
            case JoinFrameType.Refused when _welcome is null && frame.Body.Length > 0:
                var reason = (JoinRefusal)frame.Body.Span[0];
                EndAttempt(reason is >= JoinRefusal.NotValid and <= JoinRefusal.NotAllowed ? reason : JoinRefusal.Malformed, now);
                return;
            case JoinFrameType.Welcome when _welcome is null:
                if (!WelcomeMessage.TryRead(frame.Body.Span, _key, binding, _joinHash, out _welcome)) { EndAttempt(JoinRefusal.SponsorNotProved, now); }
                else if (_welcome.StatementCount > _options.MaxStatements) { EndAttempt(JoinRefusal.WrongNetwork, now); }
                break;
            case JoinFrameType.Statements when _welcome is not null:
                if (!TryTakeStatements(frame.Body)) { EndAttempt(JoinRefusal.WrongNetwork, now); }
                break;
            default:
                EndAttempt(JoinRefusal.Malformed, now);
                return;
        }
        if (_welcome is not null) { TryFinish(now); }
    }

    /// <summary>The channel, or the attempt to make one, failed.</summary>
    public void HandleChannelClosed(TimeSpan now)
    {
        if (_isCalling) { EndAttempt(JoinRefusal.NoAnswer, now); }
    }

    public void HandleTimeout(TimeSpan now)
    {
        if (IsFinished || now < Deadline) { return; }
        if (_isCalling) { EndAttempt(JoinRefusal.NoAnswer, now); }
        else { Call(now); }
    }

    public bool TryTakeOutput(out JoinerOutput? output) => _outputs.TryDequeue(out output);

    private void Call(TimeSpan now)
    {
        if (now >= _giveUpAt)
        {
            Fail(_lastRefusal);
            return;
        }
        _attempts++;
        _isCalling = true;
        Deadline = Min(now + _options.AttemptTimeout, _giveUpAt);
        _outputs.Enqueue(new JoinerOutput.Connect(CurrentSponsor));
    }

    private bool TryTakeStatements(ReadOnlyMemory<byte> frame)
    {
        _statementBytes += frame.Length;
        if (_statementBytes > _options.MaxStatementBytes || frame.IsEmpty) { return false; }
        _frames.Add(frame.ToArray());
        return StatementFrames.TryRead(frame.Span, _statements, _welcome!.StatementCount);
    }

    // Frames of statements carry no count: they are complete when as many have come as the welcome promised.
    private void TryFinish(TimeSpan now)
    {
        if (_statements.Count < _welcome!.StatementCount) { return; }
        if (!StatementFrames.HashOf(_frames).AsSpan().SequenceEqual(_welcome.StatementsHash.Span)
            || !_verifier.Verify(_ticket.Network, _self, _welcome.Certificate, _statements))
        {
            EndAttempt(JoinRefusal.WrongNetwork, now);
            return;
        }
        (IsFinished, _isCalling, Deadline) = (true, false, TimeSpan.MaxValue);
        _outputs.Enqueue(new JoinerOutput.Joined(_welcome.Certificate, [.. _statements]));
    }

    private void EndAttempt(JoinRefusal reason, TimeSpan now)
    {
        (_binding, _welcome, _isCalling, _statementBytes) = (null, null, false, 0);
        _frames.Clear();
        _statements.Clear();
        // That nobody answered says less than what somebody did answer.
        if (reason is not JoinRefusal.NoAnswer) { _lastRefusal = reason; }
        _outputs.Enqueue(new JoinerOutput.Close());
        if (reason is JoinRefusal.Expired or JoinRefusal.Revoked or JoinRefusal.Used or JoinRefusal.NotAllowed)
        {
            Fail(reason); // a sponsor that knows the ticket: another would say the same
            return;
        }
        var isRoundOver = _attempts % _ticket.Sponsors.Count == 0;
        if (isRoundOver && reason is not (JoinRefusal.NoAnswer or JoinRefusal.Busy)) { Fail(reason); }
        else if (!isRoundOver) { Call(now); }
        else
        {
            var rounds = _attempts / _ticket.Sponsors.Count;
            Deadline = Min(now + (_options.FirstPause * (1 << Math.Min(rounds - 1, 4))), _giveUpAt);
        }
    }

    private void Fail(JoinRefusal reason)
    {
        (IsFinished, _isCalling, Deadline) = (true, false, TimeSpan.MaxValue);
        _outputs.Enqueue(new JoinerOutput.Failed(reason));
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
