using Coco.Crypto;

namespace Coco.Cluster.Time;

/// <summary>Who may say what time it is: the membership as it is known.</summary>
internal interface ITimeIssuers
{
    public TimeIssuer Find(NodeId issuer);
}
