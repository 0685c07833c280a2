using System.Globalization;
using System.Text;

namespace Coco.Traversal.Finding;

/// <summary>The state as text, with times from now: for traces, and for tests that look whether two states are the same.</summary>
internal sealed partial class PathFinder
{
    internal string Describe(TimeSpan now)
    {
        var text = new StringBuilder(256);
        text.Append(_stage).Append(" end ").Append(From(_stageEnd)).Append(" round ").Append(From(_roundAt)).Append(" retry ").Append(From(_retryAt));
        text.Append(" delay ").Append((long)_retryDelay.TotalSeconds).Append(' ');
        Flag(_isReplyDue, "reply-due");
        Flag(_hasTriedTcp, "tcp-tried");
        Flag(_isPleaseDue, "please-due");
        Flag(_isActiveDead, "dead");
        Flag(_suspectSince is not null, "suspect");
        Flag(_hasBeenDirect, "been-direct");
        Flag(_hasDirectDied, "direct-died");
        Flag(_isTellingDue, "telling-due");
        text.Append("voluntary ").Append(From(_lastVoluntary)).Append(" race ").Append(From(_race)).Append(" signals ").Append(_signals.Count);
        text.Append(" to ").Append(_switchTarget?.Path).Append('\n');
        foreach (var way in _ways)
        {
            text.Append(way == _active ? '*' : way == _standby ? '+' : ' ').Append(way.Path).Append(' ').Append(way.Class).Append(' ').Append(way.Validation);
            text.Append(way.IsOpen ? " open" : " shut").Append(way.IsSilent ? " silent" : "").Append(" failures ").Append(way.Failures).Append(" deaths ").Append(way.Deaths);
            text.Append(" penalty ").Append(From(way.PenaltyUntil)).Append(" next ").Append(From(way.Deadline)).Append(" spare ").Append(From(way.SpareSince)).Append('\n');
        }
        return text.ToString();

        void Flag(bool isSet, string name) => text.Append(isSet ? name : "").Append(isSet ? " " : "");

        string From(TimeSpan? time) => time is not { } at || at < now - TimeSpan.FromMinutes(1) ? "-"
            : Math.Round((at - now).TotalSeconds, 1).ToString(CultureInfo.InvariantCulture);
    }
}
