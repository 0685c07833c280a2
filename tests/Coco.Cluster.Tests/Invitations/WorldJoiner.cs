using Coco.Cluster.Invitations;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Invitations;

internal sealed class WorldJoiner(Joiner core, NodeId id)
{
    public Joiner Core => core;

    public NodeId Id => id;

    public ulong Channel { get; set; }

    public bool WantsChannel { get; set; }

    public Queue<JoinFrame> ToSponsor { get; } = [];

    public Queue<JoinFrame> FromSponsor { get; } = [];

    public JoinerOutput.Joined? Joined { get; private set; }

    public JoinRefusal? Failed { get; private set; }

    public void TakeOutputs(Sponsor sponsor)
    {
        while (Core.TryTakeOutput(out var output))
        {
            switch (output)
            {
                case JoinerOutput.Connect: WantsChannel = true; break;
                case JoinerOutput.Send send: ToSponsor.Enqueue(send.Frame); break;
                case JoinerOutput.Joined joined: Joined = joined; break;
                case JoinerOutput.Failed failed: Failed = failed.Reason; break;
                case JoinerOutput.Close:
                    sponsor.HandleChannelClosed(Channel);
                    Channel = 0;
                    WantsChannel = false;
                    ToSponsor.Clear();
                    FromSponsor.Clear();
                    break;
            }
        }
    }
}
