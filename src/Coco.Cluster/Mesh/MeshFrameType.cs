namespace Coco.Cluster.Mesh;

/// <summary>What two connected members say to each other. Types that are not known are skipped.</summary>
internal enum MeshFrameType : ulong
{
    Hello = 1,
    StatementHeads = 2,
    Statements = 3,
    GraphDigest = 4,
    Advertisements = 5,
    AdvertisementsWanted = 6,
    Certificates = 7,
    CertificatesWanted = 8,
    AddressRecords = 9,
    DirectoryPublish = 10,
    DirectoryLookup = 11,
    DirectoryFound = 12,

    /// <summary>A nonce: what time is it?</summary>
    TimeAsked = 13,

    /// <summary>The time, signed by the owner or an admin for that nonce.</summary>
    TimeTold = 14,

    /// <summary>Nodes whose address records are asked for.</summary>
    AddressesWanted = 15,

    /// <summary>The first and the last of the join protocol.</summary>
    FirstOfJoin = 16,
    LastOfJoin = 31,
}
