// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title What only the stand-in has, so that tests see what the real chain may answer
/// @notice All of it is for the owner of Nexus.
interface IControls {
    /// @notice Takes a source out of the list, which has a hole there from then on.
    function removeSource(address source) external;

    /// @notice Makes Nexus refuse every change from now on.
    /// @param reason the revert string; an empty one ends it
    function refuse(string calldata reason) external;
}
